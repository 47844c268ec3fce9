#pragma once

#include <cstdint>
#include <kusto/value.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kusto
{

/// The result of a query or of a management command.
///
/// \par Thread safety
/// A value type.
class table
{
public:
    struct column
    {
        std::string name;
        std::string type; ///< Kusto type name: `long`, `string`, `datetime`, ...
    };

    table() = default;
    table(std::string name, std::vector<column> columns, std::vector<std::vector<value>> rows);

    [[nodiscard]] std::string const& name() const noexcept { return name_; }
    [[nodiscard]] std::vector<column> const& columns() const noexcept { return columns_; }
    [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
    [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }

    /// \throws std::out_of_range
    [[nodiscard]] std::vector<value> const& row(std::size_t index) const { return rows_.at(index); }
    /// \throws std::out_of_range naming the column and the columns there are
    [[nodiscard]] value const& at(std::size_t row, std::string_view column_name) const;
    /// Position of a column. \throws std::out_of_range naming the column and the columns there are
    [[nodiscard]] std::size_t column_index(std::string_view column_name) const;

private:
    std::string name_;
    std::vector<column> columns_;
    std::vector<std::vector<value>> rows_;
};

} // namespace kusto
