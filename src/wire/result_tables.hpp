#pragma once

#include <kusto/table.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <wire/http.hpp>
#include <wire/json.hpp>

namespace kusto::wire
{

/// A table of a reply while it is read.
class table_reader
{
public:
    table_reader(std::string name, json::value const* columns);

    /// Adds the rows of a JSON array. A row that is an object with `Exceptions` or `OneApiErrors`
    /// is the failure that it describes.
    [[nodiscard]] result<void> append(json::value const* rows, reply const& from);
    void clear() { rows_.clear(); }

    [[nodiscard]] table finish()
    {
        return table(std::move(name_), std::move(columns_), std::move(rows_));
    }

private:
    [[nodiscard]] result<void> append_row(json::value const& row, reply const& from);

    std::string name_;
    std::vector<table::column> columns_;
    std::vector<std::vector<value>> rows_;
};

/// The failure in an array of errors: OneApi objects, or texts. A success if there is none.
[[nodiscard]] result<void> check_errors(json::value const* errors, reply const& from);

[[nodiscard]] failure malformed_result(reply const& from, std::string_view why);

} // namespace kusto::wire
