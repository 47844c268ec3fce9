#include <kusto/table.hpp>

#include <stdexcept>
#include <utility>

namespace kusto
{

table::table(std::string name, std::vector<column> columns, std::vector<std::vector<value>> rows)
    : name_(std::move(name)),
      columns_(std::move(columns)),
      rows_(std::move(rows))
{
}

value const& table::at(std::size_t row, std::string_view column_name) const
{
    auto const index = column_index(column_name);
    auto const& fields = rows_.at(row);
    if (index >= fields.size())
        throw std::out_of_range("row " + std::to_string(row) + " of table \"" + name_ + "\" has " +
                                std::to_string(fields.size()) + " fields, none for column \"" +
                                std::string(column_name) + "\"");
    return fields[index];
}

std::size_t table::column_index(std::string_view column_name) const
{
    for (std::size_t i = 0; i < columns_.size(); ++i)
        if (columns_[i].name == column_name)
            return i;
    std::string there;
    for (auto const& c : columns_)
        there += (there.empty() ? "" : ", ") + c.name;
    throw std::out_of_range("no column \"" + std::string(column_name) + "\" in table \"" + name_ +
                            "\"; its columns are: " + there);
}

} // namespace kusto
