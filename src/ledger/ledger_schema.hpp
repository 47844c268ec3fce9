#pragma once

#include <filesystem>
#include <kusto/error.hpp>
#include <ledger/checkpoint_ledger.hpp>
#include <ledger/sqlite.hpp>
#include <string>

// The database of a ledger: how it is made, and how one is recognised. The functions throw
// `sqlite_error` for what SQLite says and return what is wrong beyond that.

namespace kusto::ledger
{

/// Name of the database in a sink's directory.
inline constexpr std::string_view ledger_name = "ledger.sqlite";

/// `errc::ledger_damaged` about the database, with the remedy.
[[nodiscard]] failure damaged_ledger(std::filesystem::path const& path, std::string const& what);

/// Makes a database that never was there half: it gets its name when it is complete. On disk when
/// the function returns.
[[nodiscard]] result<void> create_ledger(std::filesystem::path const& path,
                                         ledger_identity const& identity);

/// Sets what is not kept in the file: how a transaction becomes durable, checks.
void configure(sqlite::connection& database);

/// Whether it is a ledger, of this version, and intact, down to the last page.
[[nodiscard]] result<void> check_ledger(std::filesystem::path const& path,
                                        sqlite::connection& database);

} // namespace kusto::ledger
