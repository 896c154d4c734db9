// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strings"
)

// Where the packet of a sample begins, by byte 0 and version.
func headerBytes(sample []byte) int {
	if len(sample) < 15 {
		return len(sample)
	}
	version := min(int(sample[14]), 3)
	size := len(sample)
	switch sample[0] {
	case 1:
		size = []int{36, 36, 40, 48}[version]
	case 3:
		size = 24
	case 4:
		size = []int{32, 48, 56, 56}[version]
	case 5:
		size = 40
	}
	return min(size, len(sample))
}

// isHarmful tells samples that the reference does not survive: a TCP option of kind 30 and no length
// may keep it busy until its memory is used up.
func isHarmful(digits string) bool {
	for at := strings.Index(digits, "1e00"); at >= 0; {
		if at%2 == 0 {
			return true
		}
		next := strings.Index(digits[at+1:], "1e00")
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return false
}

// quirksOf names the oddities (QUIRKS.md) that a sample runs into.
func quirksOf(digits string) []string {
	sample, err := hex.DecodeString(digits)
	if err != nil || len(sample) < 2 {
		return nil
	}
	switch subtype := sample[1]; {
	case sample[0] == 2 && subtype == 4:
		return []string{"lxc_found_has_no_link_name"}
	case sample[0] == 2 && subtype >= 66 && subtype <= 68:
		return []string{"debug_subtype_text_shifted"}
	case sample[0] == 2 && (subtype == 6 || subtype == 7 || subtype == 9) && len(sample) >= 16 && sample[12]&3 == 3:
		return []string{"debug_flags_in_random_order"}
	case sample[0] == 3 && (subtype == 8 || subtype == 9):
		return []string{"capture_proxy_port_is_32bit_swapped"}
	}
	return nil
}

var edges = []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 0x11, 0x3a, 0x2c, 0x3c, 0x40, 0x45, 0x46, 0x4f, 0x5e, 0x60, 0x70, 0x7f, 0x80,
	0x84, 0xc2, 0xf0, 0xfe, 0xff}

func (m *maker) byte() byte {
	if m.Intn(2) == 0 {
		return pick(m, edges)
	}
	return byte(m.Intn(256))
}

func (m *maker) bytes(count int) []byte {
	made := make([]byte, count)
	for i := range made {
		made[i] = m.byte()
	}
	return made
}

// address is one that the tables know, or another one.
func (m *maker) address(v6 bool) []byte {
	var known []netip.Addr
	for _, e := range m.world.Endpoints {
		known = append(known, e.IPs...)
	}
	for _, c := range m.world.IPCache {
		known = append(known, c.Prefix.Addr(), c.Prefix.Addr().Next())
	}
	for _, s := range m.world.Services {
		known = append(known, s.IP)
	}
	for _, d := range m.world.DNS {
		known = append(known, d.IP)
	}
	for range 20 {
		switch ip := pick(m, known); {
		case ip.Is6() == v6:
			return ip.AsSlice()
		case v6 && m.Intn(4) == 0:
			mapped := ip.As16()
			return mapped[:]
		}
	}
	if v6 {
		return m.bytes(16)
	}
	return m.bytes(4)
}

func (m *maker) port() uint16 {
	return pick(m, []uint16{0, 53, 80, 443, 4789, 6081, 8080, 8472, 9999, uint16(m.Intn(65536))})
}

func (m *maker) number() uint32 {
	switch m.Intn(4) {
	case 0:
		return pick(m, []uint32{0, 1, 2, 5001, 6001, 16777217, 16777300, 33554433, 0xffffffff, 0x80000000})
	case 1:
		return pick(m, m.world.Identities).ID
	case 2:
		return uint32(m.Intn(70000))
	}
	return m.Uint32()
}

func (m *maker) endpointID() uint16 {
	if m.Intn(4) == 0 {
		return uint16(m.Intn(65536))
	}
	return pick(m, []uint16{0, uint16(pick(m, m.world.Endpoints).ID)})
}

// options makes the option area of a header: `least` is the smallest length of one.
func (m *maker) options(size int, kinds []byte, least int) []byte {
	made := make([]byte, 0, size)
	for len(made) < size {
		kind := pick(m, kinds)
		length := least + m.Intn(24)
		if m.Intn(12) == 0 {
			length = m.Intn(256)
		}
		made = append(made, kind)
		if kind <= 1 {
			continue
		}
		made = append(append(made, byte(length)), m.bytes(max(length-2, 0))...)
	}
	return made[:size]
}

func (m *maker) tcp() []byte {
	words := m.Intn(11)
	header := m.bytes(20)
	binary.BigEndian.PutUint16(header, m.port())
	binary.BigEndian.PutUint16(header[2:], m.port())
	header[12] = byte(5+words)<<4 | byte(m.Intn(2))
	return append(header, m.options(words*4, []byte{0, 1, 2, 3, 4, 5, 8, 28, 30, 30, 30, 254}, 2)...)
}

func (m *maker) udp(payload int) []byte {
	header := make([]byte, 8)
	binary.BigEndian.PutUint16(header, m.port())
	binary.BigEndian.PutUint16(header[2:], m.port())
	binary.BigEndian.PutUint16(header[4:], pick(m, []uint16{0, uint16(m.Intn(9)), uint16(8 + payload), uint16(m.Intn(300))}))
	return header
}

// ports of the tunnels, so that one in a tunnel is followed.
func (m *maker) tunnel(geneve bool) []byte {
	if !geneve {
		return append([]byte{pick(m, []byte{0, 8}), 0, 0, 0}, append(m.bytes(3), 0)...)
	}
	words := m.Intn(4)
	header := append([]byte{byte(words) | m.byte()&0xc0, m.byte()}, pick(m, [][]byte{{0x65, 0x58}, {8, 0}, {0x86, 0xdd}, m.bytes(2)})...)
	header = append(header, append(m.bytes(3), 0)...)
	for range words {
		header = append(header, append(m.bytes(3), pick(m, []byte{0, 0, 1, m.byte()}))...)
	}
	return header
}

func (m *maker) ipv4(protocol byte, payload int) []byte {
	words := max(m.Intn(12)-6, 0)
	header := m.bytes(20)
	header[0] = byte(0x45 + words)
	total := 20 + 4*words + payload
	binary.BigEndian.PutUint16(header[2:], pick(m, []uint16{uint16(total), uint16(total), 0, uint16(m.Intn(total + 40))}))
	if m.Intn(5) > 0 {
		header[6], header[7] = header[6]&0x40, 0
	}
	header[9] = protocol
	copy(header[12:], m.address(false))
	copy(header[16:], m.address(false))
	return append(header, m.options(words*4, []byte{0, 1, 1, 7, 68, 131, 136, 148}, 3)...)
}

func (m *maker) hopByHop(next byte) []byte {
	words := m.Intn(3)
	body := m.options(words*8+6, []byte{0, 0, 1, 5, 0xc2}, 0)
	if m.Intn(3) == 0 {
		copy(body, []byte{0xc2, 4, 0, m.byte(), 0, 0})
	}
	return append([]byte{next, byte(words)}, body...)
}

func (m *maker) ipv6(next byte, payload int) []byte {
	header := m.bytes(40)
	header[0] = 0x60
	binary.BigEndian.PutUint16(header[4:], pick(m, []uint16{uint16(payload), uint16(payload), uint16(payload), 0, uint16(m.Intn(payload + 40))}))
	header[6] = next
	copy(header[8:], m.address(true))
	copy(header[24:], m.address(true))
	return header
}

// packet makes layers from the inside out. `inner` counts what may still be wrapped.
func (m *maker) packet(inner int) (bytes []byte, v6 bool) {
	var body []byte
	var protocol byte
	switch m.Intn(11) {
	case 0, 1, 2:
		body, protocol = append(m.tcp(), m.bytes(m.Intn(20))...), 6
	case 3:
		payload := m.bytes(m.Intn(20))
		body, protocol = append(m.udp(len(payload)), payload...), 17
	case 4:
		if inner > 0 {
			inside, _ := m.packet(inner - 1)
			frame := append(m.tunnel(m.Intn(2) == 0), append(m.ethernet(m.Intn(2) == 0), inside...)...)
			body, protocol = append(m.udp(len(frame)), frame...), 17
			break
		}
		body, protocol = m.udp(0), 17
	case 5:
		body, protocol = m.bytes(m.Intn(30)), pick(m, []byte{1, 58})
	case 6:
		body, protocol = append(m.bytes(12), m.bytes(m.Intn(8))...), 132
	case 7:
		body, protocol = m.bytes(m.Intn(16)), 2
	case 8:
		count := m.Intn(4)
		body, protocol = append([]byte{0x21, m.byte(), m.byte(), byte(count)}, m.bytes(4+4*count+m.Intn(8))...), 112
		body[0] = pick(m, []byte{0x21, 0x31, m.byte()})
	case 9:
		if inner > 0 {
			inside, insideV6 := m.packet(inner - 1)
			body, protocol = inside, pick(m, []byte{4, 94})
			if insideV6 {
				protocol = 41
			}
			break
		}
		fallthrough
	default:
		body, protocol = m.bytes(m.Intn(40)), m.byte()
	}
	if m.Intn(2) == 0 {
		return append(m.ipv4(protocol, len(body)), body...), false
	}
	if m.Intn(3) == 0 {
		body, protocol = append(m.hopByHop(protocol), body...), 0
	}
	return append(m.ipv6(protocol, len(body)), body...), true
}

func (m *maker) ethernet(v6 bool) []byte {
	header := m.bytes(14)
	copy(header[12:], []byte{8, 0})
	if v6 {
		copy(header[12:], []byte{0x86, 0xdd})
	}
	if m.Intn(12) == 0 {
		copy(header[12:], pick(m, [][]byte{{0x81, 0}, {0x65, 0x58}, {8, 6}, {0xff, 0xff}, {5, 0xff}, {6, 0}, {0, 9}}))
	}
	return header
}

// randomSample is a header of the given kind around a packet made from nothing.
func (m *maker) randomSample(kind byte) []byte {
	version := byte(m.Intn(4))
	if m.Intn(20) == 0 {
		version = m.byte()
	}
	sample := m.bytes(56)
	copy(sample, []byte{kind, m.byte()})
	binary.LittleEndian.PutUint16(sample[2:], m.endpointID())
	sample[14] = version
	sample[15] = pick(m, []byte{0, 0, m.byte()})
	binary.LittleEndian.PutUint32(sample[16:], m.number())
	binary.LittleEndian.PutUint32(sample[20:], m.number())
	switch kind {
	case 4:
		binary.LittleEndian.PutUint16(sample[24:], m.endpointID())
		binary.LittleEndian.PutUint32(sample[28:], uint32(m.Intn(50)))
		address := m.address(sample[27]&1 != 0)
		copy(sample[32:48], make([]byte, 16))
		if m.Intn(2) == 0 {
			copy(sample[32:], address)
		}
	case 5:
		binary.LittleEndian.PutUint32(sample[20:], pick(m, []uint32{0, 0, uint32(m.port()), uint32(0xffffffff - 180),
			uint32(0xffffffff - 132), m.number()}))
	case 3:
		binary.LittleEndian.PutUint32(sample[16:], uint32(m.Intn(50)))
	}
	sample = sample[:headerBytes(sample)]
	packet, v6 := m.packet(2)
	flags := -1
	switch {
	case kind == 4:
		flags = 27
	case kind == 1 && len(sample) >= 40:
		flags = 36
	case kind == 5:
		flags = 27
	}
	bare := false
	if flags >= 0 && kind == 5 {
		sample[flags] = sample[flags]&^0x84 | byte(m.Intn(2))<<7
		bare = sample[flags]&0x80 != 0
		if v6 {
			sample[flags] |= 4
		}
	} else if flags >= 0 {
		sample[flags] = pick(m, []byte{0, 0, 2, 4, 8, 6, 12})
		bare = sample[flags]&2 != 0
		if v6 {
			sample[flags] |= 1
		}
	}
	if !bare {
		packet = append(m.ethernet(v6), packet...)
	}
	if m.Intn(3) == 0 {
		packet = packet[:m.Intn(len(packet)+1)]
	}
	return append(sample, packet...)
}

func (m *maker) debugSample() []byte {
	sample := m.bytes(20)
	copy(sample, []byte{2, byte(m.Intn(72))})
	binary.LittleEndian.PutUint16(sample[2:], m.endpointID())
	for at := 8; at < 20; at += 4 {
		number := m.number()
		if m.Intn(2) == 0 {
			number = uint32(m.Intn(300))
		}
		binary.LittleEndian.PutUint32(sample[at:], number)
	}
	return sample
}

func (m *maker) sockSample() []byte {
	sample := m.bytes(40)
	copy(sample, []byte{7, byte(m.Intn(7)), byte(m.Intn(4)), byte(m.Intn(3))})
	binary.LittleEndian.PutUint16(sample[4:], m.port())
	binary.LittleEndian.PutUint64(sample[16:], pick(m, m.world.Cgroups).ID)
	copy(sample[24:], m.address(sample[3]&1 != 0))
	return sample
}

// changedSample is a sample made from nothing, or the given one with bytes changed.
func (m *maker) changedSample(digits string) []byte {
	switch m.Intn(8) {
	case 0, 1, 2:
		return m.randomSample(pick(m, []byte{1, 3, 4, 4, 5}))
	case 3:
		if m.Intn(2) == 0 {
			return m.debugSample()
		}
		return m.sockSample()
	}
	sample, err := hex.DecodeString(digits)
	must(err)
	for range 1 + m.Intn(4) {
		if len(sample) == 0 {
			return m.bytes(m.Intn(60))
		}
		at := m.Intn(len(sample))
		if m.Intn(3) == 0 {
			at = m.Intn(min(len(sample), 48))
		}
		switch m.Intn(8) {
		case 0:
			sample[at] ^= 1 << m.Intn(8)
		case 1:
			sample = sample[:at]
		case 2:
			sample = append(sample, m.bytes(m.Intn(12))...)
		case 3:
			copy(sample[at:], m.address(m.Intn(2) == 0))
		case 4:
			other, err := hex.DecodeString(m.given().DataHex)
			must(err)
			sample = append(sample[:headerBytes(sample)], other[headerBytes(other):]...)
		default:
			sample[at] = m.byte()
		}
	}
	return sample
}
