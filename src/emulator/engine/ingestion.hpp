#pragma once

#include "catalog.hpp"
#include "mapping.hpp"

namespace kusto::emulator::kql
{

/// Parses and stores one blob in one transaction.
/// \param visible_from  ticks
/// \returns `Succeeded` or `Skipped`
/// \throws ingest_failure
[[nodiscard]] ingest_result ingest_blob(catalog& target, ingest_request const& request,
                                        std::int64_t visible_from);

/// Stores the rows of a query as one extent, by position; no rows make no extent.
/// \param request  its database, table, tags and creation time count
/// \param rows  of the table's types
/// \returns `Succeeded` or `Skipped`
/// \throws ingest_failure
[[nodiscard]] ingest_result ingest_rows(catalog& target, ingest_request const& request,
                                        std::vector<row> const& rows);

/// Whether a tag of `ingest_if_not_exists` is in the table; `passed` when there is no such table.
[[nodiscard]] tag_check find_tags(catalog& target, ingest_request const& request);

} // namespace kusto::emulator::kql
