#pragma once

#include "ingestion_message.hpp"

#include <emulator/engine.hpp>
#include <map>
#include <string>

namespace kusto::emulator::kql
{

/// What the ingestion service tells about one message (kusto-protocol 9). Texts only; writing them
/// is the caller's.
///
/// `Failed` and `PartiallySucceeded` count as failures, the others as successes.
[[nodiscard]] bool is_failure(ingest_result const& result);
/// Whether the report level of the message asks for this outcome.
[[nodiscard]] bool is_wanted(ingestion_message const& message, ingest_result const& result);
[[nodiscard]] bool goes_to_table(ingestion_message const& message);
[[nodiscard]] bool goes_to_queue(ingestion_message const& message);
/// `Permanent`, `Transient`, `Exhausted`.
[[nodiscard]] std::string failure_status(ingest_result const& result);

/// Properties to be merged into the status entity.
[[nodiscard]] std::map<std::string, std::string> status_properties(ingest_result const& result);
/// JSON for the failure or success queue.
[[nodiscard]] std::string notification(ingestion_message const& message,
                                       ingest_result const& result);
/// Row of `.show ingestion failures`.
[[nodiscard]] ingestion_failure failure_row(ingestion_message const& message,
                                            ingest_result const& result);

} // namespace kusto::emulator::kql
