# Firmware for microcontrollers, compiled inside the normal build where Debian's arm-none-eabi-gcc is. Without it there is none, and
# the workers that need one say so.
#
#   assay_firmware(lenet5/mnist/6_best BOARD mps2-an386 FLOAT soft SOURCES 6_best.c 6_best.S workload.c
#                  OPTIONS -O3 INCLUDES ${weights} DEFINES LENET_VARIANT="6_best" DEPENDS ${weights}/sizes.h)
#
# (LIBRARIES -lc, if a peer's sources call the C library) is linked once for each part that the board stands in for:
# libexec/assay/mcu/<board>/<part>/<name>.elf. Where it doesn't fit the part there is <name>.refused in its place, which says why. What is
# only for tests has another ROOT than libexec/assay/mcu.
find_program(ASSAY_ARM_GCC arm-none-eabi-gcc)

set(ASSAY_MCU_DIR ${PROJECT_SOURCE_DIR}/hardware/mcu)
set(ASSAY_MCU_STACK_BYTES 2048)        # of the work and the dialogue; what is used of it is measured
set(ASSAY_MCU_FAULT_STACK_BYTES 512)

# Its flags: FLOAT is hard (the FPU, floats in its registers) or soft (no instruction of an FPU).
function(assay_firmware_flags cpu float out)
  set(flags -mcpu=${cpu} -mthumb -ffreestanding -fno-tree-loop-distribute-patterns -ffp-contract=off -ffunction-sections
            -fdata-sections -Wall -Wextra -I${PROJECT_SOURCE_DIR})
  if(float STREQUAL "hard")
    list(APPEND flags -mfloat-abi=hard -mfpu=fpv4-sp-d16)
  else()
    list(APPEND flags -mfloat-abi=soft)
  endif()
  set(${out} ${flags} PARENT_SCOPE)
endfunction()

# One object file of one source; `out` gets its path appended.
function(assay_firmware_object source folder flags depends out)
  cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  cmake_path(GET source FILENAME file)
  set(object ${folder}/${file}.o)
  add_custom_command(OUTPUT ${object}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
    COMMAND ${ASSAY_ARM_GCC} ${flags} -MMD -MF ${object}.d -MT ${object} -c ${source} -o ${object}
    DEPENDS ${source} ${depends} DEPFILE ${object}.d COMMENT "Firmware object ${object}" VERBATIM COMMAND_EXPAND_LISTS)
  set(${out} ${${out}} ${object} PARENT_SCOPE)
endfunction()

function(assay_firmware name)
  cmake_parse_arguments(arg "" "BOARD;FLOAT;ROOT" "SOURCES;OPTIONS;INCLUDES;DEFINES;DEPENDS;LIBRARIES" ${ARGN})
  if(NOT ASSAY_ARM_GCC)
    return()
  endif()
  if(NOT arg_ROOT)
    set(arg_ROOT ${ASSAY_LIBEXEC_DIR}/mcu)
  endif()
  set(board_file ${ASSAY_MCU_DIR}/boards/${arg_BOARD}.json)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${board_file})
  file(READ ${board_file} board)
  string(JSON cpu GET ${board} cpu)
  string(JSON board_source GET ${board} source)
  string(JSON flash_origin GET ${board} flash_origin)
  string(JSON ram_origin GET ${board} ram_origin)
  assay_firmware_flags(${cpu} ${arg_FLOAT} flags)

  set(folder ${CMAKE_BINARY_DIR}/firmware/${arg_BOARD}/${name})
  set(objects "")
  foreach(source IN ITEMS start.c count.S dialogue.c ${board_source})
    assay_firmware_object(${ASSAY_MCU_DIR}/device/${source} ${folder} "${flags};-Os" "" objects)
  endforeach()
  list(TRANSFORM arg_INCLUDES PREPEND -I)
  list(TRANSFORM arg_DEFINES PREPEND -D)
  foreach(source IN LISTS arg_SOURCES)
    assay_firmware_object(${source} ${folder} "${flags};${arg_OPTIONS};${arg_INCLUDES};${arg_DEFINES}" "${arg_DEPENDS}" objects)
  endforeach()

  string(JSON last LENGTH ${board} parts)
  math(EXPR last "${last} - 1")
  set(images "")
  foreach(i RANGE ${last})
    string(JSON part GET ${board} parts ${i})
    set(part_file ${ASSAY_MCU_DIR}/parts/${part}.json)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${part_file})
    set(image ${arg_ROOT}/${arg_BOARD}/${part}/${name})
    add_custom_command(OUTPUT ${folder}/${part}.linked
      COMMAND ${CMAKE_COMMAND} -DGCC=${ASSAY_ARM_GCC} "-DFLAGS=${flags}" -DFLOAT=${arg_FLOAT} "-DOBJECTS=${objects}" "-DLIBRARIES=${arg_LIBRARIES}" -DIMAGE=${image}
              -DSCRIPT=${ASSAY_MCU_DIR}/device/cortex_m4.ld -DPART=${part_file} -DFLASH_ORIGIN=${flash_origin} -DRAM_ORIGIN=${ram_origin}
              -DSTACK_BYTES=${ASSAY_MCU_STACK_BYTES} -DFAULT_STACK_BYTES=${ASSAY_MCU_FAULT_STACK_BYTES}
              -P ${PROJECT_SOURCE_DIR}/cmake/link_firmware.cmake
      COMMAND ${CMAKE_COMMAND} -E touch ${folder}/${part}.linked
      DEPENDS ${objects} ${ASSAY_MCU_DIR}/device/cortex_m4.ld ${part_file} ${PROJECT_SOURCE_DIR}/cmake/link_firmware.cmake
      COMMENT "Firmware ${arg_BOARD}/${part}/${name}" VERBATIM)
    list(APPEND images ${folder}/${part}.linked)
  endforeach()
  string(REPLACE "/" "_" target firmware_${arg_BOARD}_${name})
  add_custom_target(${target} ALL DEPENDS ${images})
endfunction()

# What a source's opening comment says after "Compiled with: ", as a list.
function(assay_compiled_with source out)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  file(STRINGS ${source} line LIMIT_COUNT 1 REGEX "Compiled with: ")
  if(NOT line MATCHES "Compiled with: (-[A-Za-z0-9 =-]*)")
    message(FATAL_ERROR "${source}: say in the opening comment how it is compiled, e.g. 'Compiled with: -O3.'")
  endif()
  separate_arguments(options UNIX_COMMAND "${CMAKE_MATCH_1}")
  set(${out} ${options} PARENT_SCOPE)
endfunction()

if(ASSAY_ARM_GCC)
  install(DIRECTORY ${ASSAY_LIBEXEC_DIR}/mcu DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/assay)
endif()
