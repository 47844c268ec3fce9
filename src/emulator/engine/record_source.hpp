#pragma once

#include "delimited_reader.hpp"
#include "mapping.hpp"
#include "value_text.hpp"

#include <memory>

namespace kusto::emulator::kql
{

/// The records of one blob, in a table's columns.
class record_source
{
public:
    virtual ~record_source() = default;
    /// \returns false at the end; \throws ingest_failure
    virtual bool next() = 0;
    /// Number of the current record in the blob, from 1.
    [[nodiscard]] virtual std::size_t number() const = 0;
    /// The text of a column, when the plan takes it unchanged from a delimited field.
    [[nodiscard]] virtual std::optional<std::string_view>
    text(column_source const& source) const = 0;
    /// The value of a column mapped to a field or a path.
    [[nodiscard]] virtual cell value(column_source const& source) = 0;
};

struct source_format
{
    mapping_kind kind = mapping_kind::csv;
    char separator = ',';
    enum class shape : std::uint8_t
    {
        delimited,
        json_lines,
        json_stream, ///< objects one after the other, or one array of them
        json_single
    };
    shape layout = shape::delimited;
};

/// \throws ingest_failure `BadRequest_FormatNotSupported`
[[nodiscard]] source_format parse_format(std::string_view name);

/// \param data  well-formed UTF-8 that outlives the source
[[nodiscard]] std::unique_ptr<record_source> open_source(source_format format,
                                                         std::string_view data,
                                                         ingestion_plan const& plan, bool identity,
                                                         bool strict, bool skip_first);

} // namespace kusto::emulator::kql
