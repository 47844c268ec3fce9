#include "ingestion.hpp"

#include "calendar.hpp"
#include "record_source.hpp"
#include "utf8.hpp"

#include <base/guid.hpp>
#include <limits>

namespace kusto::emulator::kql
{

namespace
{

using origin = column_source::origin;

[[noreturn]] void fail(char const* code, std::string details)
{
    throw ingest_failure{code, std::move(details), true};
}

table& find_target(catalog& target, ingest_request const& request)
{
    if (request.database.empty())
        fail("BadRequest_EmptyDatabaseName", "the database name is empty");
    if (request.table.empty())
        fail("BadRequest_InvalidOrEmptyTableName", "the table name is empty");
    if (target.find_database(request.database) == nullptr)
        fail("BadRequest_DatabaseNotExist", "Database '" + request.database + "' does not exist");
    auto* const found = target.find_table(request.database, request.table);
    if (found == nullptr)
        fail("BadRequest_TableNotExist",
             "Table '" + request.table + "' does not exist in database '" + request.database + "'");
    return *found;
}

bool already_ingested(table const& target, ingest_request const& request)
{
    for (auto const& value : request.ingest_if_not_exists)
        if (target.has_tag("ingest-by:" + value))
            return true;
    return false;
}

ingestion_plan make_plan(table const& target, ingest_request const& request, mapping_kind format)
{
    std::string const name = format == mapping_kind::csv ? "csv" : "json";
    if (request.mapping_reference.empty() && request.inline_mapping.empty())
        return identity_plan(target, format);
    if (!request.mapping_reference.empty() && !request.inline_mapping.empty())
        fail("BadRequest_DuplicateMapping", "both a mapping and a mapping reference are given");
    if (!request.mapping_kind.empty() && !same_text(request.mapping_kind, name))
        fail("BadRequest_InconsistentMapping", "a mapping of kind '" + request.mapping_kind +
                                                   "' does not fit the format '" + request.format +
                                                   "'");
    if (!request.inline_mapping.empty())
        return mapped_plan(target, format, request.inline_mapping);
    auto const* const stored = target.find_mapping(name, request.mapping_reference);
    if (stored == nullptr)
        fail("BadRequest_MappingReferenceWasNotFound",
             "Mapping reference '" + request.mapping_reference + "' of kind '" + name +
                 "' was not found for table '" + target.name + "'");
    return mapped_plan(target, format, stored->text);
}

/// Binds the values of one record after the other to an INSERT statement.
class row_writer
{
public:
    row_writer(catalog& target, table const& into, ingestion_plan const& plan,
               std::string const& location)
        : plan_(plan),
          location_(location),
          insert_(target.storage().prepare(sql(into))),
          values_(plan.size())
    {
    }

    void write(record_source& source)
    {
        for (std::size_t i = 0; i < plan_.size(); ++i)
            bind(static_cast<int>(i) + 1, plan_[i], values_[i], source);
        insert_.run();
    }

private:
    static std::string sql(table const& into)
    {
        std::string text = "INSERT INTO " + into.storage_name() + " VALUES(";
        for (std::size_t i = 0; i < into.columns.size(); ++i)
            text += i == 0 ? "?" : ", ?";
        return text + ")";
    }

    void bind(int position, column_source const& from, cell& value, record_source& source)
    {
        if (from.from == origin::field && from.type == kind::string)
        {
            auto const text = source.text(from);
            if (text && text->size() <= max_value_bytes)
            {
                insert_.bind(position, *text);
                return;
            }
        }
        value = value_of(from, source);
        bind_cell(position, value);
    }

    cell value_of(column_source const& from, record_source& source)
    {
        switch (from.from)
        {
        case origin::field:
        case origin::path:
            return source.value(from);
        case origin::constant:
            return constants_.parse(from.type, from.constant);
        case origin::record:
            return constants_.parse(from.type, from.with == transform::source_location
                                                   ? location_
                                                   : std::to_string(source.number()));
        case origin::missing:
            break;
        }
        return from.type == kind::string ? cell(std::string()) : cell();
    }

    void bind_cell(int position, cell const& value)
    {
        if (auto const* text = std::get_if<std::string>(&value))
            insert_.bind(position, std::string_view(*text));
        else if (auto const* number = std::get_if<std::int64_t>(&value))
            insert_.bind(position, *number);
        else if (auto const* flag = std::get_if<bool>(&value))
            insert_.bind(position, static_cast<std::int64_t>(*flag));
        else if (auto const* real = std::get_if<double>(&value))
            bind_real(position, *real);
        else
            insert_.bind_null(position);
    }

    void bind_real(int position, double value)
    {
        // SQLite turns NaN into NULL; the text is told apart when it is read.
        if (value != value)
            insert_.bind(position, std::string_view("NaN"));
        else
            insert_.bind(position, value);
    }

    ingestion_plan const& plan_;
    std::string const& location_;
    statement insert_;
    std::vector<cell> values_;
    value_parser constants_;
};

std::string_view without_mark(std::string_view text) noexcept
{
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    return text.substr(0, mark.size()) == mark ? text.substr(mark.size()) : text;
}

extent make_extent(ingest_request const& request)
{
    extent made;
    made.id = base::guid::random().to_string();
    made.tags = request.tags;
    made.bytes = request.data.size();
    made.source = request.source_path;
    made.created = now_ticks();
    if (!request.creation_time.empty())
    {
        auto const created = parse_datetime(request.creation_time);
        if (!created)
            fail("BadRequest_MalformedIngestionProperty",
                 "creationTime '" + request.creation_time + "' is not a datetime");
        made.created = *created;
    }
    return made;
}

std::uint64_t count_records(record_source& source)
{
    std::uint64_t count = 0;
    while (source.next())
        ++count;
    return count;
}

} // namespace

ingest_result ingest_blob(catalog& target, ingest_request const& request)
{
    ingest_result result;
    table& into = find_target(target, request);
    if (already_ingested(into, request))
    {
        result.status = "Skipped";
        result.details = "data with one of the ingestIfNotExists tags is already in the table";
        return result;
    }
    source_format const format = parse_format(request.format);
    ingestion_plan const plan = make_plan(into, request, format.kind);
    bool const identity = request.mapping_reference.empty() && request.inline_mapping.empty();
    if (request.data.empty())
        fail("BadRequest_EmptyBlob", "the blob is empty");
    extent added = make_extent(request);
    bool const valid = first_malformed(request.data) == std::string_view::npos;
    std::string const repaired = valid ? std::string() : repair_utf8(request.data);
    std::string_view const data = without_mark(valid ? request.data : repaired);

    transaction change(target.storage());
    row_writer rows(target, into, plan, request.source_path);
    auto const open = [&]
    {
        return open_source(format, data, plan, identity, request.validate_columns,
                           request.ignore_first_record);
    };
    std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
    if (request.first_half_only)
        limit = count_records(*open()) / 2;
    auto const source = open();
    for (; added.rows < limit && source->next(); ++added.rows)
        rows.write(*source);
    if (added.rows == 0 && !request.first_half_only)
        fail("BadRequest_NoRecordsOrWrongFormat",
             "the blob has no records in the format '" + request.format + "'");
    target.store_extent(into, added);
    change.commit();
    result.status = "Succeeded";
    result.rows = added.rows;
    result.extent_id = added.id;
    into.extents.push_back(std::move(added));
    return result;
}

} // namespace kusto::emulator::kql
