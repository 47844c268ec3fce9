#pragma once

#include "catalog.hpp"
#include "json_reader.hpp"
#include "types.hpp"

#include <variant>

namespace kusto::emulator::kql
{

/// Why a blob cannot be ingested; becomes an `ingest_result`.
struct ingest_failure
{
    std::string code;
    std::string details;
    bool permanent = true;
};

enum class transform : std::uint8_t
{
    none,
    source_location,
    source_line_number,
    unix_seconds,
    unix_milliseconds,
    unix_microseconds,
    unix_nanoseconds
};

/// `$.a['b c'][0]`: names and positions from the root.
using json_path = std::vector<std::variant<std::string, std::size_t>>;
[[nodiscard]] std::optional<json_path> parse_path(std::string_view text);
[[nodiscard]] std::optional<std::size_t> follow(json_reader const& document, json_path const& path);

/// Where the values of one table column come from.
struct column_source
{
    enum class origin : std::uint8_t
    {
        missing,  ///< not mapped: null, or an empty string
        field,    ///< delimited formats
        path,     ///< JSON formats
        constant, ///< the same text in every row
        record    ///< a transform without an input
    };
    origin from = origin::missing;
    kind type = kind::string;
    std::size_t ordinal = 0;
    json_path path;
    std::string constant;
    transform with = transform::none;
};
using ingestion_plan = std::vector<column_source>; ///< one entry for each table column

enum class mapping_kind : std::uint8_t
{
    csv,
    json
};

/// By position (delimited formats) or by case-sensitive name (JSON formats).
[[nodiscard]] ingestion_plan identity_plan(table const& target, mapping_kind format);
/// \param text  JSON array in any of the spellings the service reads
/// \throws ingest_failure `BadRequest_InvalidMapping`
[[nodiscard]] ingestion_plan mapped_plan(table const& target, mapping_kind format,
                                         std::string_view text);
/// Checks what can be checked without a table; \throws ingest_failure
void check_mapping(mapping_kind format, std::string_view text);

} // namespace kusto::emulator::kql
