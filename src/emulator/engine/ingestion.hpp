#pragma once

#include "catalog.hpp"
#include "mapping.hpp"

namespace kusto::emulator::kql
{

/// Parses and stores one blob in one transaction.
/// \returns `Succeeded` or `Skipped`
/// \throws ingest_failure
[[nodiscard]] ingest_result ingest_blob(catalog& target, ingest_request const& request);

} // namespace kusto::emulator::kql
