#include "ingestion.hpp"

#include "calendar.hpp"
#include "record_source.hpp"
#include "utf8.hpp"

#include <base/guid.hpp>
#include <limits>
#include <utility>

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
    if (request.tags_checked != tag_check::at_commit)
        return request.tags_checked == tag_check::found;
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

/// Inserts rows, value by value.
class row_inserter
{
public:
    row_inserter(catalog& target, table const& into) : insert_(target.storage().prepare(sql(into)))
    {
    }

    /// Columns count from 0. What is bound must live until `run`.
    void bind(std::size_t column, std::string_view text) { insert_.bind(position(column), text); }
    void bind(std::size_t column, cell const& value)
    {
        int const at = position(column);
        if (auto const* text = std::get_if<std::string>(&value))
            insert_.bind(at, std::string_view(*text));
        else if (auto const* number = std::get_if<std::int64_t>(&value))
            insert_.bind(at, *number);
        else if (auto const* flag = std::get_if<bool>(&value))
            insert_.bind(at, static_cast<std::int64_t>(*flag));
        else if (auto const* real = std::get_if<double>(&value))
            bind_real(at, *real);
        else
            insert_.bind_null(at);
    }
    void run() { insert_.run(); }

private:
    static std::string sql(table const& into)
    {
        std::string text = "INSERT INTO " + into.storage_name() + " VALUES(NULL";
        for (std::size_t i = 0; i < into.columns.size(); ++i)
            text += ", ?";
        return text + ")";
    }
    static int position(std::size_t column) noexcept { return static_cast<int>(column) + 1; }

    void bind_real(int at, double value)
    {
        // SQLite turns NaN into NULL; the text is told apart when it is read.
        if (value != value)
            insert_.bind(at, std::string_view("NaN"));
        else
            insert_.bind(at, value);
    }

    statement insert_;
};

/// Writes one record after the other.
class row_writer
{
public:
    row_writer(catalog& target, table const& into, ingestion_plan const& plan,
               std::string const& location)
        : plan_(plan),
          location_(location),
          insert_(target, into),
          values_(plan.size())
    {
    }

    void write(record_source& source)
    {
        for (std::size_t i = 0; i < plan_.size(); ++i)
            bind(i, plan_[i], values_[i], source);
        insert_.run();
    }

private:
    void bind(std::size_t column, column_source const& from, cell& value, record_source& source)
    {
        if (from.from == origin::field && from.type == kind::string)
        {
            auto const text = source.text(from);
            if (text && text->size() <= max_value_bytes)
            {
                insert_.bind(column, *text);
                return;
            }
        }
        value = value_of(from, source);
        insert_.bind(column, std::as_const(value));
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

    ingestion_plan const& plan_;
    std::string const& location_;
    row_inserter insert_;
    std::vector<cell> values_;
    value_parser constants_;
};

std::string_view without_mark(std::string_view text) noexcept
{
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    return text.substr(0, mark.size()) == mark ? text.substr(mark.size()) : text;
}

extent make_extent(catalog const& target, ingest_request const& request)
{
    extent made;
    made.id = base::guid::random().to_string();
    made.tags = request.tags;
    made.bytes = request.data.size();
    made.source = request.source_path;
    made.created = target.now();
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

ingest_result skipped()
{
    ingest_result result;
    result.status = "Skipped";
    result.details = "data with one of the ingestIfNotExists tags is already in the table";
    return result;
}

ingest_result succeeded(extent const& added)
{
    ingest_result result;
    result.status = "Succeeded";
    result.rows = added.rows;
    result.extent_id = added.id;
    return result;
}

/// The rows have just been inserted, one behind the other.
ingest_result commit(catalog& target, transaction& change, table& into, extent added)
{
    if (added.rows != 0)
        added.first = target.storage().last_row_id() - static_cast<std::int64_t>(added.rows) + 1;
    target.store_extent(into, added);
    change.commit();
    auto const result = succeeded(added);
    into.extents.push_back(std::move(added));
    return result;
}

std::uint64_t count_records(record_source& source)
{
    std::uint64_t count = 0;
    while (source.next())
        ++count;
    return count;
}

} // namespace

ingest_result ingest_blob(catalog& target, ingest_request const& request, std::int64_t visible_from)
{
    table& into = find_target(target, request);
    if (already_ingested(into, request))
        return skipped();
    source_format const format = parse_format(request.format);
    ingestion_plan const plan = make_plan(into, request, format.kind);
    bool const identity = request.mapping_reference.empty() && request.inline_mapping.empty();
    if (request.discarded)
        return succeeded(extent());
    if (request.data.empty())
        fail("BadRequest_EmptyBlob", "the blob is empty");
    extent added = make_extent(target, request);
    added.visible_from = visible_from;
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
    return commit(target, change, into, std::move(added));
}

ingest_result ingest_rows(catalog& target, ingest_request const& request,
                          std::vector<row> const& rows)
{
    table& into = find_target(target, request);
    if (already_ingested(into, request))
        return skipped();
    extent added = make_extent(target, request);
    if (rows.empty())
        return succeeded(extent());
    transaction change(target.storage());
    row_inserter insert(target, into);
    for (auto const& values : rows)
    {
        for (std::size_t i = 0; i < values.size(); ++i)
            insert.bind(i, values[i]);
        insert.run();
    }
    added.rows = rows.size();
    return commit(target, change, into, std::move(added));
}

tag_check find_tags(catalog& target, ingest_request const& request)
{
    auto const* const into = target.find_table(request.database, request.table);
    bool const found = into != nullptr && already_ingested(*into, request);
    return found ? tag_check::found : tag_check::passed;
}

} // namespace kusto::emulator::kql
