#pragma once

#include <kusto/data_format.hpp>
#include <kusto/record.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kusto
{

/// A column of a table.
struct column_schema
{
    std::string name;
    std::string type; ///< Kusto type name: `long`, `string`, ...

    friend bool operator==(column_schema const&, column_schema const&) = default;
};

/// The columns of a table, in the order of a record's fields.
using table_schema = std::vector<column_schema>;

/// Columns of a described struct: the members' names and the types that fit them.
template <record T>
    requires detail::is_described_struct<T>
[[nodiscard]] table_schema schema_of()
{
    table_schema columns;
    boost::mp11::mp_for_each<detail::described_members<T>>(
        [&](auto member)
        {
            using type = std::remove_cvref_t<decltype(std::declval<T const&>().*member.pointer)>;
            columns.push_back(column_schema{member.name, std::string(kusto_type_name<type>)});
        });
    return columns;
}

/// `['name']` with escapes: the form in which any name can stand in a command.
/// \throws error `errc::invalid_record` if the name is empty, longer than 1024 characters, not
/// UTF-8, or has characters other than letters, digits, `_`, blank, `.` and `-`
[[nodiscard]] std::string quoted_name(std::string_view name);

/// `'text'` with escapes, for string literals in commands and queries.
[[nodiscard]] std::string quoted_literal(std::string_view text);

/// `.create-merge table ['T'] (['c1']:string, ['c2']:long)`: creates the table or adds the columns
/// that it lacks.
/// \throws error `errc::invalid_record` for an empty schema, a bad name, an unknown type or a
/// column that occurs twice
[[nodiscard]] std::string create_merge_table_command(std::string_view table,
                                                     table_schema const& columns);

/// An ingestion mapping as JSON: for CSV by ordinal, for JSON by path, in the order of `columns`.
/// \throws as `create_merge_table_command`
[[nodiscard]] std::string ingestion_mapping_json(table_schema const& columns, data_format format);

/// `.create-or-alter table ['T'] ingestion csv mapping "name" '[...]'`.
/// \throws as `create_merge_table_command`
[[nodiscard]] std::string create_ingestion_mapping_command(std::string_view table,
                                                           std::string_view mapping_name,
                                                           data_format format,
                                                           table_schema const& columns);

} // namespace kusto
