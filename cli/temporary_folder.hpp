// A folder of this process's own, gone when the object is.
#pragma once

#include "reports/temporary_folder.hpp"

namespace assay::cli {

using reports::TemporaryFolder;

}  // namespace assay::cli
