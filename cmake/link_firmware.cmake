# Links one firmware for one part. A part that is too small is no failure of the build: IMAGE.refused then says what was needed, in
# KB of 1024 bytes, and there is no IMAGE.elf.
file(READ ${PART} part)
string(JSON flash_bytes GET ${part} flash_bytes)
string(JSON ram_bytes GET ${part} ram_bytes)
string(JSON has_fpu GET ${part} fpu)
string(JSON title GET ${part} title)
cmake_path(GET IMAGE PARENT_PATH folder)
file(MAKE_DIRECTORY ${folder})
file(REMOVE ${IMAGE}.elf ${IMAGE}.refused)

if(FLOAT STREQUAL "hard" AND NOT has_fpu)
  file(WRITE ${IMAGE}.refused "needs an FPU, and this part has none (${title})")
  return()
endif()

execute_process(
  COMMAND ${GCC} ${FLAGS} -nostdlib -nostartfiles -T ${SCRIPT} -Wl,--gc-sections -Wl,--build-id=none
          -Wl,--defsym=ASSAY_FLASH_ORIGIN=${FLASH_ORIGIN} -Wl,--defsym=ASSAY_FLASH_BYTES=${flash_bytes}
          -Wl,--defsym=ASSAY_RAM_ORIGIN=${RAM_ORIGIN} -Wl,--defsym=ASSAY_RAM_BYTES=${ram_bytes}
          -Wl,--defsym=ASSAY_STACK_BYTES=${STACK_BYTES} -Wl,--defsym=ASSAY_FAULT_STACK_BYTES=${FAULT_STACK_BYTES}
          ${OBJECTS} ${LIBRARIES} -lgcc -o ${IMAGE}.elf
  RESULT_VARIABLE failed ERROR_VARIABLE said)
if(NOT failed)
  return()
endif()
set(needs "")
foreach(memory IN ITEMS FLASH RAM)
  if(said MATCHES "region `${memory}' overflowed by ([0-9]+) bytes")
    string(TOLOWER ${memory} key)
    math(EXPR needed "(${${key}_bytes} + ${CMAKE_MATCH_1} + 1023) / 1024")
    math(EXPR held "${${key}_bytes} / 1024")
    string(REPLACE "FLASH" "flash" word ${memory})
    list(APPEND needs "${needed} KB of ${held} KB ${word}")
  endif()
endforeach()
if(NOT needs)
  message(FATAL_ERROR "${IMAGE}: ${said}")
endif()
list(JOIN needs " and " needs)
file(REMOVE ${IMAGE}.elf)
file(WRITE ${IMAGE}.refused "needs ${needs}")
