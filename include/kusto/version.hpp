#pragma once

/// \file
/// Version of the library, as reported to the service in `x-ms-client-version`.

#define KUSTO_VERSION_MAJOR 0
#define KUSTO_VERSION_MINOR 1
#define KUSTO_VERSION_PATCH 0
#define KUSTO_VERSION_STRING "0.1.0"
