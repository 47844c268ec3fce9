#pragma once

#include "catalog.hpp"
#include "lexer.hpp"

#include <functional>
#include <map>

namespace kusto::emulator::kql
{

/// Where `.ingest inline` sends its data.
using ingest_function = std::function<ingest_result(ingest_request const&)>;

/// What a command works on while it is parsed. `in` stands behind the words that chose the command.
struct command_context
{
    catalog& target;
    std::string database;
    lexer in;
    ingest_function ingest;
};

/// What a policy belongs to: a table, or a database itself.
struct policy_owner
{
    std::string database;
    table* of = nullptr; ///< null: the database
};

/// \throws engine_error
[[nodiscard]] result_table run_command(catalog& target, std::string const& database,
                                       std::string_view text, ingest_function ingest);

// The families of commands, each in its own file.
[[nodiscard]] result_table create_table(command_context& context, std::string const& verb);
[[nodiscard]] result_table drop_table(command_context& context);
[[nodiscard]] result_table clear_table(command_context& context);
[[nodiscard]] result_table put_mapping(command_context& context, table& target,
                                       std::string const& verb);
[[nodiscard]] result_table show(command_context& context);
[[nodiscard]] result_table show_policy(command_context& context, policy_owner const& owner);
/// `.show table * policy ...`: a row for each table of the database.
[[nodiscard]] result_table show_policies(command_context& context);
[[nodiscard]] result_table alter_policy(command_context& context, policy_owner const& owner,
                                        bool merge);
[[nodiscard]] result_table delete_policy(command_context& context, policy_owner const& owner);
[[nodiscard]] result_table ingest_inline(command_context& context);
/// `.set`, `.append`, `.set-or-append`.
[[nodiscard]] result_table ingest_from_query(command_context& context, std::string const& verb);
[[nodiscard]] result_table show_extents(command_context& context, table const& target);
[[nodiscard]] result_table move_extents(command_context& context);
[[nodiscard]] result_table drop_extents(command_context& context);
[[nodiscard]] result_table drop_extent_tags(command_context& context, table& target);

/// A table's name (`T`, `['T']`, `['db'].['T']`) and the table; \throws engine_error when it is not
/// there.
[[nodiscard]] table& existing_table(command_context& context);
/// A database's name; \throws engine_error when it is not there.
[[nodiscard]] policy_owner existing_database(command_context& context);
/// `with (name = value, ...)`, or nothing. Names in lower case.
[[nodiscard]] std::map<std::string, std::string> with_properties(lexer& in);
/// The result of what follows `<|` up to the end of the text: a query or a `.show` command.
[[nodiscard]] result_table run_source(command_context& context);
/// \throws engine_error when a table or column cannot have the name
void check_name(std::string const& name);
/// Sets what is given of `folder`, `docstring`, `hidden`; \throws engine_error
void set_table_properties(catalog& of, table& target,
                          std::map<std::string, std::string> const& properties);
/// `csv` or `json`; \throws engine_error for the other kinds
[[nodiscard]] std::string mapping_kind_word(lexer& in);
/// The result of commands that return a table's schema; `Schema` is JSON or `name:type,...`.
[[nodiscard]] result_table schema_result(table const& target, bool json);
[[nodiscard]] result_table mapping_result(table const& target,
                                          std::vector<stored_mapping> const& mappings);
[[nodiscard]] std::string csl_schema(table const& target);
/// Nothing may follow a command but `|` operators.
void expect_end(lexer const& in);

} // namespace kusto::emulator::kql
