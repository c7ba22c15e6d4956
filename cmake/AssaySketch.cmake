# Arduino sketches, laid out for people who have that board and its tools; no compiler is needed here.
#
#   assay_sketch(lenet5_mnist_6_best SOURCES 6_best.c 6_best.S workload.c OPTIONS -O3 INCLUDES ${weights} DEFINES LENET_VARIANT="6_best"
#                DEPENDS ${weights}/sizes.h)
#
# becomes share/assay/mcu/arduino/<name>/: hardware/mcu/arduino/assay.ino, the dialogue, the sources and their headers, flat.
set(ASSAY_SKETCH_DIR ${ASSAY_SHARE_DIR}/mcu/arduino)

function(assay_sketch name)
  cmake_parse_arguments(arg "" "" "SOURCES;OPTIONS;INCLUDES;DEFINES;DEPENDS" ${ARGN})
  set(mcu ${PROJECT_SOURCE_DIR}/hardware/mcu)
  list(TRANSFORM arg_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  list(TRANSFORM arg_OPTIONS REPLACE "^-f?" "")
  set(stamp ${CMAKE_BINARY_DIR}/firmware/arduino/${name}.laid_out)
  add_custom_command(OUTPUT ${stamp}
    COMMAND ${CMAKE_COMMAND} -DFOLDER=${ASSAY_SKETCH_DIR}/${name} -DROOT=${PROJECT_SOURCE_DIR} -DINO=${mcu}/arduino/assay.ino
            "-DSOURCES=${mcu}/device/dialogue.c;${mcu}/device/count.S" "-DWORKLOAD=${arg_SOURCES}" "-DINCLUDES=${arg_INCLUDES}"
            "-DDEFINES=${arg_DEFINES}" "-DOPTIMIZE=${arg_OPTIONS}" -DSTAMP=${stamp} -P ${PROJECT_SOURCE_DIR}/cmake/lay_out_sketch.cmake
    DEPENDS ${mcu}/arduino/assay.ino ${mcu}/device/dialogue.c ${mcu}/device/count.S ${arg_SOURCES} ${arg_DEPENDS}
            ${PROJECT_SOURCE_DIR}/cmake/lay_out_sketch.cmake
    DEPFILE ${stamp}.d COMMENT "Sketch ${name}" VERBATIM)
  add_custom_target(sketch_${name} ALL DEPENDS ${stamp})
endfunction()

install(DIRECTORY ${ASSAY_SKETCH_DIR} DESTINATION ${CMAKE_INSTALL_DATADIR}/assay/mcu)
