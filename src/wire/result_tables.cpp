#include <wire/result_tables.hpp>

#include <wire/cell.hpp>
#include <wire/service_error.hpp>

namespace kusto::wire
{

namespace
{

std::vector<table::column> read_columns(json::value const* columns)
{
    std::vector<table::column> read;
    if (columns == nullptr || !columns->is_array())
        return read;
    for (auto const& column : columns->get_array())
    {
        table::column one;
        one.name = std::string(text_member(column, "ColumnName"));
        one.type = column_type(text_member(column, "ColumnType"), text_member(column, "DataType"));
        read.push_back(std::move(one));
    }
    return read;
}

failure error_text(reply const& from, std::string_view text)
{
    auto why = from.fail(errc::query_failed, "the service reported an error inside of its result");
    why.server_text(printable(text));
    return why;
}

} // namespace

failure malformed_result(reply const& from, std::string_view why)
{
    return from.fail(errc::malformed_reply, "the result " + std::string(why));
}

result<void> check_errors(json::value const* errors, reply const& from)
{
    if (errors == nullptr || !errors->is_array() || errors->get_array().empty())
        return {};
    auto const& first = errors->get_array().front();
    auto const* const nested = member(first, "error");
    if (nested != nullptr && nested->is_object())
        return one_api_failure(from, *nested);
    if (first.is_object())
        return one_api_failure(from, first);
    if (!first.is_string())
        return error_text(from, {});
    auto const& text = first.get_string();
    return error_text(from, {text.data(), text.size()});
}

table_reader::table_reader(std::string name, json::value const* columns)
    : name_(std::move(name)),
      columns_(read_columns(columns))
{
}

result<void> table_reader::append(json::value const* rows, reply const& from)
{
    if (rows == nullptr || !rows->is_array())
        return malformed_result(from, "holds a table without rows");
    rows_.reserve(rows_.size() + rows->get_array().size());
    for (auto const& row : rows->get_array())
    {
        auto added = append_row(row, from);
        if (!added)
            return added;
    }
    return {};
}

result<void> table_reader::append_row(json::value const& row, reply const& from)
{
    if (row.is_object())
    {
        for (std::string_view const name : {"OneApiErrors", "Exceptions"})
        {
            auto checked = check_errors(member(row, name), from);
            if (!checked)
                return checked;
        }
        return malformed_result(from, "holds a row that is an object");
    }
    if (!row.is_array() || row.get_array().size() != columns_.size())
        return malformed_result(from, "holds a row that does not fit its columns");
    std::vector<value> values;
    values.reserve(columns_.size());
    for (std::size_t i = 0; i < columns_.size(); ++i)
    {
        auto cell = read_cell(row.get_array()[i], columns_[i].type);
        if (!cell)
            return malformed_result(from, "holds a value that is no " + columns_[i].type +
                                              " in column " + printable(columns_[i].name, 128));
        values.push_back(std::move(*cell));
    }
    rows_.push_back(std::move(values));
    return {};
}

} // namespace kusto::wire
