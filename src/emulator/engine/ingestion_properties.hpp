#pragma once

#include "types.hpp"

#include <map>
#include <string>

namespace kusto::emulator::kql
{

/// Fills a request from ingestion properties as they stand in a queue message or in `with (...)`.
/// Names in lower case.
/// \throws ingest_failure `BadRequest_MalformedIngestionProperty` and the like
void apply_ingestion_properties(ingest_request& into,
                                std::map<std::string, std::string> const& properties);

} // namespace kusto::emulator::kql
