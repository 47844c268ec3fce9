#include <wire/management.hpp>

#include <algorithm>
#include <wire/result_tables.hpp>

namespace kusto::wire
{

namespace
{

result<table> read_table(json::value const& from_table, reply const& from)
{
    table_reader reader(std::string(text_member(from_table, "TableName")),
                        member(from_table, "Columns"));
    auto const rows = reader.append(member(from_table, "Rows"), from);
    if (!rows)
        return rows.error();
    return reader.finish();
}

std::size_t find_column(table const& rows, std::string_view name)
{
    auto const& columns = rows.columns();
    auto const found = std::find_if(columns.begin(), columns.end(),
                                    [name](auto const& column) { return column.name == name; });
    return static_cast<std::size_t>(found - columns.begin());
}

/// A reply of three tables or more ends with one that says what each of them is.
class contents
{
public:
    explicit contents(table const& rows)
        : ordinal_(find_column(rows, "Ordinal")),
          kind_(find_column(rows, "Kind")),
          rows_(rows)
    {
    }

    /// Position of the first table of `kind`, if there is one.
    [[nodiscard]] std::optional<std::size_t> find(std::string_view kind) const
    {
        if ((std::max)(ordinal_, kind_) >= rows_.columns().size())
            return std::nullopt;
        for (std::size_t i = 0; i < rows_.size(); ++i)
        {
            auto const& row = rows_.row(i);
            auto const ordinal = integer(row[ordinal_]);
            bool const same = row[kind_].kind() == value_kind::string &&
                              row[kind_].get<std::string_view>() == kind;
            if (same && ordinal >= 0)
                return static_cast<std::size_t>(ordinal);
        }
        return std::nullopt;
    }

    [[nodiscard]] static std::int64_t integer(value const& from)
    {
        bool const fits = from.kind() == value_kind::int32 || from.kind() == value_kind::int64;
        return fits ? from.get<std::int64_t>() : -1;
    }

private:
    std::size_t ordinal_;
    std::size_t kind_;
    table const& rows_;
};

/// Severities up to 2 are errors; the others inform.
result<void> check_status(table const& status, reply const& from)
{
    constexpr std::int64_t worst_warning = 2;
    auto const severity = find_column(status, "Severity");
    auto const text = find_column(status, "StatusDescription");
    if (severity >= status.columns().size())
        return {};
    for (std::size_t i = 0; i < status.size(); ++i)
    {
        auto const level = contents::integer(status.row(i)[severity]);
        if (level < 0 || level > worst_warning)
            continue;
        auto why = from.fail(errc::query_failed, "the query failed after it had begun to answer");
        if (text < status.columns().size())
            why.server_text(printable(status.row(i)[text].to_text()));
        return why;
    }
    return {};
}

result<table> read_primary(json::array const& tables, reply const& from)
{
    if (tables.size() <= 2)
        return read_table(tables.front(), from);
    auto const last = read_table(tables.back(), from);
    if (!last)
        return last.error();
    contents const list(*last);
    auto const status = list.find("QueryStatus");
    if (status && *status < tables.size())
    {
        auto const rows = read_table(tables[*status], from);
        if (!rows)
            return rows.error();
        auto const checked = check_status(*rows, from);
        if (!checked)
            return checked.error();
    }
    auto const primary = list.find("QueryResult").value_or(0);
    if (primary >= tables.size())
        return malformed_result(from, "lists a table that it does not hold");
    return read_table(tables[primary], from);
}

} // namespace

result<table> parse_v1(reply const& from)
{
    if (!from.ok())
        return parse_service_error(from);
    auto const document = parse_json(from.body);
    if (!document || !document->is_object())
        return malformed_result(from, "is not JSON, or was cut off");
    auto const errors = check_errors(member(*document, "Exceptions"), from);
    if (!errors)
        return errors.error();
    if (auto const* const error = member(*document, "error"); error != nullptr)
        return parse_service_error(from);
    auto const* const tables = member(*document, "Tables");
    if (tables == nullptr || !tables->is_array() || tables->get_array().empty())
        return malformed_result(from, "holds no table");
    return read_primary(tables->get_array(), from);
}

} // namespace kusto::wire
