// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"net/url"

	observer "github.com/cilium/cilium/pkg/hubble/observer/types"
	"github.com/cilium/cilium/pkg/labels"
	monitor "github.com/cilium/cilium/pkg/monitor/api"
	"github.com/cilium/cilium/pkg/proxy/accesslog"
)

type logEndpoint struct {
	ID       uint64   `json:"id,omitempty"`
	IPv4     string   `json:"ipv4,omitempty"`
	IPv6     string   `json:"ipv6,omitempty"`
	Port     uint16   `json:"port,omitempty"`
	Identity uint64   `json:"identity,omitempty"`
	Labels   []string `json:"labels,omitempty"`
}

type httpLog struct {
	Code     int         `json:"code,omitempty"`
	Method   string      `json:"method,omitempty"`
	URL      *string     `json:"url,omitempty"`
	Protocol string      `json:"protocol,omitempty"`
	Headers  http.Header `json:"headers,omitempty"`
}

type kafkaLog struct {
	ErrorCode     int    `json:"error_code,omitempty"`
	APIVersion    int16  `json:"api_version,omitempty"`
	APIKey        string `json:"api_key,omitempty"`
	CorrelationID int32  `json:"correlation_id,omitempty"`
	Topic         string `json:"topic,omitempty"`
}

type dnsLog struct {
	Query             string   `json:"query,omitempty"`
	IPs               []string `json:"ips,omitempty"`
	TTL               uint32   `json:"ttl,omitempty"`
	CNAMEs            []string `json:"cnames,omitempty"`
	ObservationSource string   `json:"observation_source,omitempty"`
	RCode             int      `json:"rcode,omitempty"`
	QTypes            []uint16 `json:"qtypes,omitempty"`
	AnswerTypes       []uint16 `json:"answer_types,omitempty"`
}

// accessLog is a record of a proxy, as the vectors write it.
type accessLog struct {
	Type        string      `json:"type"`
	Timestamp   string      `json:"timestamp"`
	Observation string      `json:"observation_point,omitempty"`
	Source      logEndpoint `json:"source"`
	Destination logEndpoint `json:"destination"`
	IPVersion   uint8       `json:"ip_version"`
	Verdict     string      `json:"verdict,omitempty"`
	Transport   uint16      `json:"transport_protocol"`
	HTTP        *httpLog    `json:"http,omitempty"`
	Kafka       *kafkaLog   `json:"kafka,omitempty"`
	DNS         *dnsLog     `json:"dns,omitempty"`
}

func (e *logEndpoint) info() accesslog.EndpointInfo {
	return accesslog.EndpointInfo{ID: e.ID, IPv4: e.IPv4, IPv6: e.IPv6, Port: e.Port, Identity: e.Identity,
		Labels: labels.ParseLabelArray(e.Labels...)}
}

// payload is the record as Cilium's proxy has it; false when it could not hold this one.
func (l *accessLog) payload() (any, bool) {
	record := accesslog.LogRecord{Type: accesslog.FlowType(l.Type), Timestamp: l.Timestamp,
		ObservationPoint: accesslog.ObservationPoint(l.Observation), SourceEndpoint: l.Source.info(),
		DestinationEndpoint: l.Destination.info(), IPVersion: accesslog.IPVersion(l.IPVersion),
		Verdict: accesslog.FlowVerdict(l.Verdict), TransportProtocol: accesslog.TransportProtocol(l.Transport)}
	if h := l.HTTP; h != nil {
		record.HTTP = &accesslog.LogRecordHTTP{Code: h.Code, Method: h.Method, Protocol: h.Protocol, Headers: h.Headers}
		if h.URL != nil {
			parsed, err := url.Parse(*h.URL)
			if err != nil {
				return nil, false
			}
			record.HTTP.URL = parsed
		}
	}
	if k := l.Kafka; k != nil {
		record.Kafka = &accesslog.LogRecordKafka{ErrorCode: k.ErrorCode, APIVersion: k.APIVersion, APIKey: k.APIKey,
			CorrelationID: k.CorrelationID, Topic: accesslog.KafkaTopic{Topic: k.Topic}}
	}
	if d := l.DNS; d != nil {
		record.DNS = &accesslog.LogRecordDNS{Query: d.Query, TTL: d.TTL, CNAMEs: d.CNAMEs, RCode: d.RCode,
			ObservationSource: accesslog.DNSDataSource(d.ObservationSource), QTypes: d.QTypes, AnswerTypes: d.AnswerTypes}
		for _, text := range d.IPs {
			ip, err := netip.ParseAddr(text)
			if err != nil {
				return nil, false
			}
			record.DNS.IPs = append(record.DNS.IPs, ip)
		}
	}
	return &observer.AgentEvent{Type: monitor.MessageTypeAccessLog, Message: record}, true
}

var logPieces = []string{"a", "Z", "0", "9", ".", "-", "_", "/", "//", ":", "@", "?", "#", "&", "=", "%20", "%zz", "%2f", "%41", " ", "+",
	",", ";", "\"", "\\", "'", "<", ">", "\t", "\u00e9", "\u4e16", "\x7f", "[", "]", "[::1]", "{", "}", "|", "~", "*", "!", "$", "(", ")",
	"user:pass@", "http://", "::ffff:1.2.3.4", "fd00::1:10", "10.0.1.10", "00", "T", "Z", "+01:00", ",5", ".123456789012"}

func (m *maker) text(from string) string {
	runes := []rune(from)
	for range 1 + m.Intn(3) {
		at := m.Intn(len(runes) + 1)
		end := min(len(runes), at+m.Intn(4))
		piece := []rune(pick(m, logPieces))
		if m.Intn(3) == 0 {
			piece = nil
		}
		runes = append(append(append([]rune{}, runes[:at]...), piece...), runes[end:]...)
	}
	return string(runes)
}

func (m *maker) changedEndpoint(e *logEndpoint) {
	switch m.Intn(8) {
	case 0:
		e.ID = uint64(pick(m, m.world.Endpoints).ID)
	case 1:
		e.ID = m.Uint64()
	case 2:
		e.IPv4 = m.text(e.IPv4)
	case 3:
		e.IPv6 = m.text(e.IPv6)
	case 4:
		e.Port = m.port()
	case 5:
		e.Identity = m.Uint64()
	case 6:
		known := pick(m, m.world.Endpoints)
		e.Labels = append([]string{}, known.Labels...)
		m.Shuffle(len(e.Labels), func(i, j int) { e.Labels[i], e.Labels[j] = e.Labels[j], e.Labels[i] })
		if len(known.IPs) > 0 && known.IPs[0].Is4() {
			e.IPv4 = known.IPs[0].String()
		}
	case 7:
		if ip, ok := netip.AddrFromSlice(m.address(m.Intn(2) == 0)); ok {
			e.IPv4, e.IPv6 = ip.String(), ip.String()
		}
	}
}

func (m *maker) changedHTTP(h *httpLog) {
	switch m.Intn(7) {
	case 0:
		h.Code = pick(m, []int{0, 200, 404, -1, 1 << 31, 1 << 32, m.Intn(1000)})
	case 1:
		h.Method = m.text(h.Method)
	case 2, 3:
		from := "http://user:pass@example.com:80/a/b?c=d#e"
		if h.URL != nil && m.Intn(2) == 0 {
			from = *h.URL
		}
		changed := m.text(from)
		h.URL = &changed
	case 4:
		h.Protocol = m.text(h.Protocol)
	case 5:
		headers := http.Header{}
		for key, values := range h.Headers {
			headers[key] = values
		}
		headers["Traceparent"] = []string{m.text("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")}
		headers["X-Request-Id"] = []string{pick(m, []string{"one", "", "two"})}
		h.Headers = headers
	case 6:
		headers := http.Header{}
		for key, values := range h.Headers {
			headers[m.text(key)] = append(values, m.text("v"))
		}
		h.Headers = headers
	}
}

func (m *maker) changedDNS(d *dnsLog) {
	switch m.Intn(7) {
	case 0:
		d.Query = m.text(d.Query)
	case 1:
		d.RCode = pick(m, []int{0, m.Intn(30), m.Intn(70000), -1, 256, 1 << 33})
	case 2:
		d.QTypes = []uint16{uint16(m.Intn(70)), uint16(m.Intn(300))}
	case 3:
		d.AnswerTypes = []uint16{uint16(m.Intn(70)), uint16(m.Intn(65536))}
	case 4:
		ip, _ := netip.AddrFromSlice(m.address(m.Intn(2) == 0))
		d.IPs = append(append([]string{}, d.IPs...), ip.String())
	case 5:
		d.CNAMEs = append(append([]string{}, d.CNAMEs...), m.text("cname.example."))
	case 6:
		d.ObservationSource = pick(m, []string{"proxy", "standalone-proxy", "", "other"})
	}
}

// changedLog is the given record, or an empty one, with members changed.
func (m *maker) changedLog(given *accessLog) *accessLog {
	l := &accessLog{Timestamp: "2024-01-01T00:00:00Z"}
	if given != nil {
		copied := *given
		l = &copied
	}
	for range 1 + m.Intn(3) {
		switch m.Intn(12) {
		case 0:
			l.Type = pick(m, []string{"Request", "Response", "Sample", "request", ""})
		case 1:
			l.Timestamp = m.text(pick(m, []string{l.Timestamp, "2024-02-29T23:59:59.999999999+23:59", "0001-01-01T00:00:00Z",
				"9999-12-31T23:59:59.999999999Z", "2023-02-29T00:00:00Z", "2024-12-31T23:59:60Z"}))
		case 2:
			l.Observation = pick(m, []string{"Ingress", "Egress", "ingress", ""})
		case 3:
			m.changedEndpoint(&l.Source)
		case 4:
			m.changedEndpoint(&l.Destination)
		case 5:
			l.IPVersion = uint8(m.Intn(2)) // of others the reference does not survive
		case 6:
			l.Verdict = pick(m, []string{"Forwarded", "Denied", "Error", "Redirected", "denied", ""})
		case 7:
			l.Transport = pick(m, []uint16{0, 1, 6, 17, 58, 132, 262, 65535})
		case 8, 9:
			h := httpLog{Method: "GET", Protocol: "HTTP/1.1"}
			if l.HTTP != nil {
				h = *l.HTTP
			}
			m.changedHTTP(&h)
			l.HTTP = &h
		case 10:
			d := dnsLog{Query: "a.b."}
			if l.DNS != nil {
				d = *l.DNS
			}
			m.changedDNS(&d)
			l.DNS = &d
		case 11:
			k := kafkaLog{APIKey: m.text("fetch"), Topic: m.text("topic"), CorrelationID: int32(m.Uint32()),
				APIVersion: int16(m.Uint32()), ErrorCode: pick(m, []int{0, 5, -1, 1 << 33})}
			l.Kafka = &k
		}
	}
	return l
}

// agentLine is a message inside the agent, as the vectors write it.
type agentLine struct {
	EventType    int            `json:"event_type"`
	NotifyType   uint32         `json:"notify_type"`
	Notification string         `json:"notification"`
	Fields       map[string]any `json:"fields,omitempty"`
}

type notificationFields struct {
	Time        string   `json:"time"`
	Labels      []string `json:"labels"`
	Revision    uint64   `json:"revision"`
	RuleCount   int      `json:"rule_count"`
	ID          uint64   `json:"id"`
	Error       string   `json:"error"`
	PodName     string   `json:"pod_name"`
	Namespace   string   `json:"namespace"`
	CIDR        string   `json:"cidr"`
	Identity    uint32   `json:"identity"`
	OldIdentity *uint32  `json:"old_identity"`
	HostIP      net.IP   `json:"host_ip"`
	OldHostIP   net.IP   `json:"old_host_ip"`
	EncryptKey  uint8    `json:"encrypt_key"`
}

func (a *agentLine) payload() any {
	text, err := json.Marshal(a.Fields)
	must(err)
	var f notificationFields
	var message any
	if a.Notification != "object" {
		must(json.Unmarshal(text, &f))
	}
	regenerate := monitor.EndpointRegenNotification{ID: f.ID, Labels: f.Labels, Error: f.Error}
	switch a.Notification {
	case "TimeNotification":
		message = monitor.TimeNotification{Time: f.Time}
	case "PolicyUpdateNotification":
		message = monitor.PolicyUpdateNotification{Labels: f.Labels, Revision: f.Revision, RuleCount: f.RuleCount}
	case "EndpointRegenNotification":
		message = regenerate
	case "EndpointNotification":
		message = monitor.EndpointNotification{EndpointRegenNotification: regenerate, PodName: f.PodName, Namespace: f.Namespace}
	case "IPCacheNotification":
		message = monitor.IPCacheNotification{CIDR: f.CIDR, Identity: f.Identity, OldIdentity: f.OldIdentity,
			HostIP: f.HostIP, OldHostIP: f.OldHostIP, EncryptKey: f.EncryptKey, Namespace: f.Namespace, PodName: f.PodName}
	case "object":
		message = a.Fields
	}
	return &observer.AgentEvent{Type: a.EventType, Message: monitor.AgentNotifyMessage{
		Type: monitor.AgentNotification(a.NotifyType), Notification: message}}
}

func (m *maker) randomAgentLine() *agentLine {
	kind := pick(m, []string{"TimeNotification", "PolicyUpdateNotification", "EndpointRegenNotification",
		"EndpointNotification", "IPCacheNotification", "object", "null"})
	line := &agentLine{EventType: pick(m, []int{130, 130, 130, 130, 129, 1, 131}), NotifyType: uint32(m.Intn(14)), Notification: kind}
	texts := []string{m.text("k8s:app=web"), m.text("x")}
	fields := map[string]map[string]any{
		"TimeNotification":          {"time": m.text("2024-05-06T07:08:09Z")},
		"PolicyUpdateNotification":  {"labels": texts, "revision": m.Intn(1 << 40), "rule_count": m.Intn(9) - 2},
		"EndpointRegenNotification": {"id": m.Intn(1 << 40), "labels": texts, "error": m.text("boom")},
		"EndpointNotification":      {"id": m.Intn(1 << 20), "labels": texts, "error": m.text("e"), "pod_name": m.text("p"), "namespace": m.text("n")},
		"IPCacheNotification": {"cidr": m.text("10.0.0.0/8"), "identity": m.Uint32(), "host_ip": net.IP(m.address(m.Intn(2) == 0)).String(),
			"old_identity": m.Uint32(), "old_host_ip": "fd00::1", "encrypt_key": m.Intn(256), "namespace": "n", "pod_name": "p"},
		"object": {m.text("key"): m.text("value"), "n": m.Intn(1000), "list": texts},
	}
	line.Fields = fields[kind]
	for name := range line.Fields {
		if len(line.Fields) > 1 && m.Intn(5) == 0 {
			delete(line.Fields, name)
		}
	}
	return line
}
