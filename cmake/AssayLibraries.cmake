# Required: the core row of DESIGN's table. Everything else is optional; where it is missing, its rows say so.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json 3.9 REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(CLI11 REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)
find_path(MUSTACHE_INCLUDE_DIR kainjow/mustache.hpp REQUIRED)

find_package(PkgConfig)
if(PkgConfig_FOUND)
  pkg_check_modules(HWLOC IMPORTED_TARGET hwloc)
endif()

find_package(ZLIB)
find_path(PAPI_INCLUDE_DIR papi.h)
find_package(OpenMP COMPONENTS CXX)
find_package(Torch QUIET)
find_path(DNNL_INCLUDE_DIR oneapi/dnnl/dnnl.h)  # its own package file, oneDNN 2's, wants OpenCL's headers too
find_library(DNNL_LIBRARY dnnl)
find_package(Java 11 COMPONENTS Development)
find_package(Catch2 QUIET)
find_package(benchmark QUIET)
