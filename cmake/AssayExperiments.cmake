# Every experiment of every suite is two ctest entries, found by looking: add a TOML file and there are two more.
#
#   quick.<suite>.<stem>   label quick: the answers are right, every cell is ok or unsupported
#   bench.<suite>.<stem>   label bench: the figures (preset paper); not among the tests that run by default
#
# They measure, so each has the machine to itself. Run folders stay under the build tree: <build>/quick, <build>/bench.

# Experiments whose quick preset takes minutes: label long, which the test presets leave out.
set(ASSAY_LONG_EXPERIMENTS
  lenet-mnist/devices           # evaluates the whole test set in an emulator, for each process of each round
  lenet-mnist/batching          # 24 treatments, up to 1024 images by libraries that take a tenth of a second for them
  lenet-mnist/multistream       # a tail of seconds for each process
  lenet-mnist/threads           # 18 treatments
  lenet-mnist/training          # trains a network for each row of each round
  lenet-mnist/server            # looks for a rate in each process of each round
  machine-limits/bandwidth      # 32 treatments, of which eight fill a gigabyte each in every round
  matmul-ladder/ladder_4096     # the paper's own size: an iteration of the slow rungs takes seconds
  matmul-ladder/power_of_two    # plain C at its worst
  matmul-ladder/versus-blas     # 32 treatments, up to n = 4096
  matmul-ladder/f32             # the same in single precision
  matmul-ladder/row_sampling    # all rows of what the ladder models from a few
  tinyml/matmul-f32             # as tinyml/matmul
  tinyml/widths                 # evaluates the whole test set in an emulator
)

# assay_experiments(FOLDER): registers the experiments of the suite in FOLDER.
function(assay_experiments folder)
  file(STRINGS ${folder}/suite.toml line LIMIT_COUNT 1 REGEX "^name *= *\"")
  if(NOT line MATCHES "\"([^\"]+)\"")
    message(FATAL_ERROR "${folder}/suite.toml: no line name = \"…\"")
  endif()
  set(suite ${CMAKE_MATCH_1})
  file(GLOB files CONFIGURE_DEPENDS ${folder}/experiments/*.toml)
  foreach(file IN LISTS files)
    cmake_path(GET file STEM LAST_ONLY stem)
    assay_experiment_test(quick quick 1800 ${suite} ${stem})
    assay_experiment_test(bench paper 14400 ${suite} ${stem})
    if(${suite}/${stem} IN_LIST ASSAY_LONG_EXPERIMENTS)
      set_tests_properties(quick.${suite}.${stem} PROPERTIES LABELS "quick;long" TIMEOUT 7200)
    endif()
  endforeach()
endfunction()

function(assay_experiment_test label preset timeout_s suite stem)
  set(name ${label}.${suite}.${stem})
  add_test(NAME ${name} COMMAND assay run ${suite}/${stem} --preset ${preset} --json --skip-code 77 --out ${CMAKE_BINARY_DIR}/${label})
  set_tests_properties(${name} PROPERTIES LABELS ${label} RUN_SERIAL ON RESOURCE_LOCK machine SKIP_RETURN_CODE 77
                       TIMEOUT ${timeout_s})
endfunction()
