# Warnings, floating point that gives the same bytes everywhere, sanitizers, and the two ways to add code.
set(ASSAY_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, e.g. address,undefined")
option(ASSAY_WERROR "Treat warnings as errors" OFF)

add_library(assay_options INTERFACE)
target_include_directories(assay_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(assay_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>
  -ffp-contract=off                       # a fused multiply-add would change the last bits from CPU to CPU
  $<$<BOOL:${ASSAY_WERROR}>:-Werror>)
if(ASSAY_SANITIZE)
  target_compile_options(assay_options INTERFACE -fsanitize=${ASSAY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined
    -Wno-maybe-uninitialized)  # with -fsanitize GCC finds them where there are none, says its manual
  target_link_options(assay_options INTERFACE -fsanitize=${ASSAY_SANITIZE})
endif()

# assay_library(NAME SOURCES … LINKS …): one static library a room.
function(assay_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC assay_options ${arg_LINKS})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
endfunction()

# assay_test(NAME SOURCES … LINKS … [LABELS …] [TIMEOUT s]): a Catch2 program, one ctest entry for the whole file.
function(assay_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LINKS;LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_executable(test_${name} ${arg_SOURCES})
  target_link_libraries(test_${name} PRIVATE assay_catch_main ${arg_LINKS})
  target_compile_options(test_${name} PRIVATE -O1)  # tests are compiled more often than run
  add_test(NAME unit.${name} COMMAND test_${name})
  set_tests_properties(unit.${name} PROPERTIES SKIP_REGULAR_EXPRESSION "SKIPPED: " TIMEOUT ${arg_TIMEOUT}
                       LABELS "unit;${arg_LABELS}")
endfunction()
