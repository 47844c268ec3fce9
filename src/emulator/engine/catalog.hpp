#pragma once

#include "sqlite.hpp"
#include "types.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::emulator::kql
{

struct stored_mapping
{
    std::string name;
    std::string kind; ///< `csv` or `json`
    std::string text; ///< JSON array
};

struct extent
{
    std::string id;
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    std::vector<std::string> tags;
    std::int64_t created = 0; ///< ticks
    std::string source;
};

struct table
{
    std::int64_t id = 0;
    std::string database;
    std::string name;
    std::string folder;
    std::string docstring;
    schema columns;
    std::vector<stored_mapping> mappings;
    std::vector<extent> extents;
    std::map<std::string, std::string> policies;

    [[nodiscard]] std::uint64_t rows() const noexcept;
    /// Case-sensitive.
    [[nodiscard]] std::optional<std::size_t>
    find_column(std::string_view column_name) const noexcept;
    [[nodiscard]] stored_mapping const* find_mapping(std::string_view mapping_kind,
                                                     std::string_view mapping_name) const noexcept;
    [[nodiscard]] bool has_tag(std::string_view tag) const noexcept;
    /// Name of the SQLite table; its columns are `c0`, `c1`, ...
    [[nodiscard]] std::string storage_name() const { return "t" + std::to_string(id); }
};

/// What exists, in memory and written through to SQLite.
class catalog
{
public:
    catalog(std::string const& file, std::vector<std::string> databases);

    [[nodiscard]] connection& storage() noexcept { return storage_; }
    [[nodiscard]] std::vector<std::string> const& databases() const noexcept { return databases_; }
    /// The database's name in its own spelling; names are compared ignoring case.
    [[nodiscard]] std::string const* find_database(std::string_view name) const noexcept;
    /// Table names are case-sensitive.
    [[nodiscard]] table* find_table(std::string_view database, std::string_view name) noexcept;
    [[nodiscard]] std::vector<table*> tables(std::string_view database);
    [[nodiscard]] std::vector<ingestion_failure> const& failures() const noexcept
    {
        return failures_;
    }

    table& create_table(std::string const& database, std::string const& name, schema columns);
    void add_columns(table& target, schema const& columns);
    void set_properties(table& target, std::string folder, std::string docstring);
    void drop_table(table& target);
    void clear_table(table& target);
    void put_mapping(table& target, stored_mapping mapping);
    bool drop_mapping(table& target, std::string_view mapping_kind, std::string_view name);
    void put_policy(table& target, std::string const& policy, std::string const& text);
    void drop_policy(table& target, std::string const& policy);
    /// Policies of a database itself; `database` in its own spelling.
    [[nodiscard]] std::map<std::string, std::string> const&
    database_policies(std::string const& database)
    {
        return database_policies_[database];
    }
    void put_database_policy(std::string const& database, std::string const& policy,
                             std::string const& text);
    void drop_database_policy(std::string const& database, std::string const& policy);
    /// Only writes; call `table.extents.push_back` after the transaction is committed.
    void store_extent(table const& target, extent const& added);
    void add_failure(ingestion_failure failure);

private:
    void create_storage();
    void load_tables();
    void load_details();
    void load_failures();
    [[nodiscard]] table* by_id(std::int64_t id) noexcept;
    void store_columns(table const& target, std::size_t first);

    connection storage_;
    std::vector<std::string> databases_;
    std::vector<std::unique_ptr<table>> tables_;
    std::vector<ingestion_failure> failures_;
    std::map<std::string, std::map<std::string, std::string>> database_policies_;
};

/// Several tags in one text, as the `Tags` column has them.
[[nodiscard]] std::string join_tags(std::vector<std::string> const& tags);

} // namespace kusto::emulator::kql
