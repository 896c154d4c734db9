# SPDX-License-Identifier: Apache-2.0
#
# The generated code of proto/: alidade_proto (messages) and alidade_proto_grpc (services).
# Generated headers are included as in the .proto files: "flow/flow.pb.h".

# alidade_proto_library(<root> MESSAGES <x.proto>... SERVICES <y.proto>...)
#
# Paths are relative to <root>. SERVICES get gRPC stubs too.
function(alidade_proto_library root)
  cmake_parse_arguments(ARG "" "" "MESSAGES;SERVICES" ${ARGN})
  set(out ${CMAKE_CURRENT_BINARY_DIR})
  get_target_property(plugin gRPC::grpc_cpp_plugin IMPORTED_LOCATION_NONE)
  if(NOT plugin)
    find_program(plugin grpc_cpp_plugin REQUIRED)
  endif()
  foreach(file IN LISTS ARG_MESSAGES ARG_SERVICES)
    string(REGEX REPLACE "\\.proto$" "" stem ${file})
    add_custom_command(
      OUTPUT ${out}/${stem}.pb.cc ${out}/${stem}.pb.h
      COMMAND protobuf::protoc --cpp_out=${out} -I ${root} ${root}/${file}
      DEPENDS ${root}/${file} VERBATIM)
    list(APPEND messages ${out}/${stem}.pb.cc)
  endforeach()
  foreach(file IN LISTS ARG_SERVICES)
    string(REGEX REPLACE "\\.proto$" "" stem ${file})
    add_custom_command(
      OUTPUT ${out}/${stem}.grpc.pb.cc ${out}/${stem}.grpc.pb.h
      COMMAND protobuf::protoc --grpc_out=${out} --plugin=protoc-gen-grpc=${plugin} -I ${root}
              ${root}/${file}
      DEPENDS ${root}/${file} VERBATIM)
    list(APPEND services ${out}/${stem}.grpc.pb.cc)
  endforeach()

  add_library(alidade_proto STATIC ${messages})
  target_include_directories(alidade_proto SYSTEM PUBLIC ${out})
  target_link_libraries(alidade_proto PUBLIC protobuf::libprotobuf)
  add_library(alidade_proto_grpc STATIC ${services})
  target_link_libraries(alidade_proto_grpc PUBLIC alidade_proto gRPC::grpc++)
  if(ALIDADE_SANITIZE)
    foreach(target alidade_proto alidade_proto_grpc)
      target_compile_options(${target} PRIVATE -fsanitize=${ALIDADE_SANITIZE})
    endforeach()
  endif()
endfunction()
