# The build tree mirrors the install tree, so that build/<preset>/bin/assay finds its workers and suites the
# same way as an installed one: relative to itself.
include(GNUInstallDirs)
set(CMAKE_INSTALL_LIBEXECDIR libexec)
set(ASSAY_BIN_DIR ${CMAKE_BINARY_DIR}/bin)
set(ASSAY_LIBEXEC_DIR ${CMAKE_BINARY_DIR}/libexec/assay)
set(ASSAY_SHARE_DIR ${CMAKE_BINARY_DIR}/share/assay)
file(MAKE_DIRECTORY ${ASSAY_BIN_DIR} ${ASSAY_LIBEXEC_DIR} ${ASSAY_SHARE_DIR})

# assay_share(DIR SUBDIR [PATTERN … EXCLUDE]): the folder DIR is seen as share/assay/SUBDIR, here by a link, installed
# by a copy without build files, C++ and what the patterns exclude.
function(assay_share source target)
  get_filename_component(parent ${ASSAY_SHARE_DIR}/${target} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  file(CREATE_LINK ${source} ${ASSAY_SHARE_DIR}/${target} SYMBOLIC)
  install(DIRECTORY ${source}/ DESTINATION ${CMAKE_INSTALL_DATADIR}/assay/${target}
          PATTERN "__pycache__" EXCLUDE PATTERN "CMakeLists.txt" EXCLUDE PATTERN "*.cpp" EXCLUDE PATTERN "*.hpp" EXCLUDE
          ${ARGN})
endfunction()

# assay_worker_executable(NAME): an executable target that lands in libexec/assay.
function(assay_worker_executable name)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${ASSAY_LIBEXEC_DIR})
  install(TARGETS ${name} DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/assay)
endfunction()
