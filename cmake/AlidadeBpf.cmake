# SPDX-License-Identifier: Apache-2.0
#
# alidade_bpf_object(<name> <source.bpf.c>)
#
# Compiles one BPF object with clang -target bpf and generates its skeleton header
# <build>/bpf/<name>.skel.h. The include folders are bpf/ itself, vmlinux/ and libbpf's own.
find_program(CLANG NAMES clang clang-19 clang-18 clang-16 clang-15 clang-14 REQUIRED)
find_program(BPFTOOL NAMES bpftool PATHS /usr/sbin /usr/local/sbin REQUIRED)
find_program(LLVM_STRIP NAMES llvm-strip llvm-strip-19 llvm-strip-18 llvm-strip-16 llvm-strip-14
             PATHS /usr/lib/llvm-19/bin /usr/lib/llvm-18/bin /usr/lib/llvm-14/bin)

if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64")
  set(ALIDADE_BPF_ARCH x86)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(ALIDADE_BPF_ARCH arm64)
else()
  message(FATAL_ERROR "no BPF register layout for ${CMAKE_SYSTEM_PROCESSOR}: add it to AlidadeBpf.cmake")
endif()

function(alidade_bpf_object name source)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.bpf.o)
  set(skeleton ${CMAKE_CURRENT_BINARY_DIR}/${name}.skel.h)
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${CLANG} -target bpf -D__TARGET_ARCH_${ALIDADE_BPF_ARCH} -g -O2 -mcpu=v3
            -Wall -Wextra -Werror
            -I${CMAKE_SOURCE_DIR} -I${CMAKE_SOURCE_DIR}/vmlinux
            -MD -MF ${object}.d -c ${source} -o ${object}
    COMMAND ${LLVM_STRIP} -g ${object}
    DEPENDS ${source}
    DEPFILE ${object}.d
    COMMENT "BPF object ${name}"
    VERBATIM)
  add_custom_command(
    OUTPUT ${skeleton}
    COMMAND ${BPFTOOL} gen skeleton ${object} name ${name}_bpf > ${skeleton}.tmp
    COMMAND ${CMAKE_COMMAND} -E rename ${skeleton}.tmp ${skeleton}
    DEPENDS ${object}
    COMMENT "BPF skeleton ${name}"
    VERBATIM)
  add_custom_target(alidade_bpf_${name} DEPENDS ${skeleton})
endfunction()
