# SPDX-License-Identifier: Apache-2.0
#
# How this project builds a library and a test: warnings, sanitizers, clang-tidy, include root.

# alidade_compile_options(<target>)
function(alidade_compile_options target)
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wconversion)
  if(ALIDADE_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(ALIDADE_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${ALIDADE_SANITIZE}
                           -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(${target} PRIVATE -fsanitize=${ALIDADE_SANITIZE})
  endif()
  if(ALIDADE_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
  if(ALIDADE_TIDY)
    set_target_properties(${target} PROPERTIES CXX_CLANG_TIDY "clang-tidy;--quiet")
  endif()
endfunction()

# alidade_library(<folder> [LINKS <library>...])
#
# The static library alidade_<last part of folder> from every *.cc in <folder> and below. Folders
# are globbed, so that a new filter or kind is a new file and no build line.
function(alidade_library folder)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  get_filename_component(name ${folder} NAME)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cc)
  if(sources)
    add_library(alidade_${name} STATIC ${sources})
    alidade_compile_options(alidade_${name})
    target_link_libraries(alidade_${name} PUBLIC ${ARG_LINKS})
  else()
    add_library(alidade_${name} INTERFACE)
    target_include_directories(alidade_${name} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(alidade_${name} INTERFACE ${ARG_LINKS})
  endif()
endfunction()

# alidade_test(<name> LABEL <unit|stress|kernel|...> SOURCES <file>... [LINKS <library>...])
#
# One Catch2 program; each of its cases becomes a ctest test with the label. A case that calls
# SKIP() shows as skipped (Catch2 exits with 4).
function(alidade_test name)
  cmake_parse_arguments(ARG "" "LABEL" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  alidade_compile_options(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} Catch2::Catch2WithMain)
  target_compile_definitions(${name} PRIVATE ALIDADE_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data")
  # All programs of a label: `cmake --build --target tests_unit`.
  if(NOT TARGET tests_${ARG_LABEL})
    add_custom_target(tests_${ARG_LABEL})
  endif()
  add_dependencies(tests_${ARG_LABEL} ${name})
  catch_discover_tests(${name} TEST_PREFIX "${ARG_LABEL}: "
    PROPERTIES LABELS ${ARG_LABEL} SKIP_RETURN_CODE 4)
endfunction()
