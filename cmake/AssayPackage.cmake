# The worker library for C++ in other repositories: find_package(assay), target assay::worker. Included after the rooms.
# Headers keep their paths below include/assay, so that a worker's #includes read the same here and elsewhere.
install(TARGETS assay_core assay_worker assay_counters ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(room harness/core harness/worker hardware/counters)
  install(DIRECTORY ${room}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/assay/${room} FILES_MATCHING PATTERN "*.hpp")
endforeach()

include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/assay)
configure_package_config_file(cmake/assay-config.cmake.in ${CMAKE_BINARY_DIR}/assay-config.cmake
                              INSTALL_DESTINATION ${package_dir} PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/assay-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/assay-config.cmake ${CMAKE_BINARY_DIR}/assay-config-version.cmake
        DESTINATION ${package_dir})
