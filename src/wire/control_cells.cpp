#include <wire/control_cells.hpp>

#include <algorithm>
#include <base/ascii.hpp>

namespace kusto::wire
{

failure malformed(std::string const& what)
{
    return failure(errc::malformed_reply, stage::commit,
                   "the answer to a control command is not as expected: " + what);
}

failure malformed_cell(std::string_view column, std::string_view wanted)
{
    return malformed("column " + std::string(column) + " holds no " + std::string(wanted));
}

result<std::vector<value>> column_of(table const& reply, std::string_view name)
{
    auto const& columns = reply.columns();
    auto const found = std::find_if(columns.begin(), columns.end(),
                                    [name](table::column const& one)
                                    { return base::equal_ignoring_case(one.name, name); });
    if (found == columns.end())
        return malformed("column " + std::string(name) + " is missing");
    auto const at = static_cast<std::size_t>(found - columns.begin());
    std::vector<value> cells;
    for (std::size_t i = 0; i < reply.size(); ++i)
    {
        if (reply.row(i).size() <= at)
            return malformed("a row ends before column " + std::string(name));
        cells.push_back(reply.row(i)[at]);
    }
    return cells;
}

result<std::string> text_of(value const& cell, std::string_view column)
{
    auto const kind = cell.kind();
    bool const text =
        kind == value_kind::string || kind == value_kind::dynamic || kind == value_kind::null;
    if (!text)
        return malformed_cell(column, "text");
    return cell.to_text();
}

result<std::string> name_of(value const& cell, std::string_view column)
{
    if (cell.kind() != value_kind::string || cell.get<std::string>().empty())
        return malformed_cell(column, "name");
    return cell.get<std::string>();
}

result<std::string> id_of(value const& cell, std::string_view column)
{
    if (cell.kind() == value_kind::guid)
        return cell.get<guid>().to_string();
    if (cell.kind() != value_kind::string)
        return malformed_cell(column, "guid");
    auto const read = guid::try_parse(cell.get<std::string>());
    if (!read)
        return malformed_cell(column, "guid");
    return read->to_string();
}

result<std::uint64_t> count_of(value const& cell, std::string_view column)
{
    bool const whole = cell.kind() == value_kind::int32 || cell.kind() == value_kind::int64;
    if (!whole || cell.get<std::int64_t>() < 0)
        return malformed_cell(column, "count");
    return static_cast<std::uint64_t>(cell.get<std::int64_t>());
}

} // namespace kusto::wire
