#pragma once

#include "sqlite.hpp"
#include "types.hpp"

#include <limits>
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

/// Its rows are the ones with the keys `first` to `first + rows - 1` in the table's storage.
struct extent
{
    std::string id;
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    std::vector<std::string> tags;
    std::int64_t created = 0; ///< ticks
    std::string source;
    std::int64_t first = 0;
    std::int64_t visible_from = 0; ///< ticks

    [[nodiscard]] bool visible(std::int64_t now) const noexcept { return visible_from <= now; }
};

/// Ticks, the ends included.
struct creation_range
{
    std::int64_t from = 0;
    std::int64_t to = std::numeric_limits<std::int64_t>::max();

    [[nodiscard]] bool contains(std::int64_t created) const noexcept
    {
        return from <= created && created <= to;
    }
};

/// What became of an extent.
struct extent_change
{
    std::string original; ///< id
    std::string result;   ///< id of the one that took its place; empty: none
    std::vector<std::string> tags;
    std::int64_t created = 0; ///< ticks
    std::string table_name;   ///< of the original
};

struct table
{
    std::int64_t id = 0;
    std::string database;
    std::string name;
    std::string folder;
    std::string docstring;
    bool hidden = false;
    schema columns;
    std::vector<stored_mapping> mappings;
    std::vector<extent> extents;
    std::map<std::string, std::string> policies;

    /// Of the extents that are visible at that time.
    [[nodiscard]] std::uint64_t rows(std::int64_t now) const noexcept;
    /// Case-sensitive.
    [[nodiscard]] std::optional<std::size_t>
    find_column(std::string_view column_name) const noexcept;
    [[nodiscard]] stored_mapping const* find_mapping(std::string_view mapping_kind,
                                                     std::string_view mapping_name) const noexcept;
    [[nodiscard]] bool has_tag(std::string_view tag) const noexcept;
    [[nodiscard]] extent const* find_extent(std::string_view extent_id) const noexcept;
    /// Name of the SQLite table; its columns are the key `r`, then `c0`, `c1`, ...
    [[nodiscard]] std::string storage_name() const { return "t" + std::to_string(id); }
};

/// An extent that a command is about.
struct extent_place
{
    table* owner = nullptr;
    std::string id;
};

/// What exists, in memory and written through to SQLite.
class catalog
{
public:
    catalog(std::string const& file, std::vector<std::string> databases, engine_settings settings);

    [[nodiscard]] connection& storage() noexcept { return storage_; }
    /// Ticks, by the clock of the settings.
    [[nodiscard]] std::int64_t now() const;
    /// Ticks from a queued ingestion to the time when its extent is seen.
    [[nodiscard]] std::int64_t visibility_delay() const noexcept;
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
    void set_properties(table& target, std::string folder, std::string docstring, bool hidden);
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
    /// Moves all of them or none; each has a new id then. They must be visible, and the columns of
    /// their tables must be in `to`.
    std::vector<extent_change> move_extents(std::vector<extent_place> const& which, table& to);
    /// Drops all of them, with their rows, or none.
    std::vector<extent_change> drop_extents(std::vector<extent_place> const& which);
    /// Takes the tags from the visible extents that have any of them; these have a new id then.
    std::vector<extent_change> drop_tags(table& target, std::vector<std::string> const& tags,
                                         creation_range const& created);
    void add_failure(ingestion_failure failure);

private:
    void check_layout();
    void create_storage();
    void load_tables();
    void load_details();
    void load_extents();
    void load_failures();
    [[nodiscard]] table* by_id(std::int64_t id) noexcept;
    void store_columns(table const& target, std::size_t first);
    [[nodiscard]] std::int64_t copy_rows(table const& from, extent const& which, table const& to);
    void erase_rows(table const& target, extent const& which);
    void erase_extent(extent const& which);

    engine_settings settings_;
    connection storage_;
    std::vector<std::string> databases_;
    std::vector<std::unique_ptr<table>> tables_;
    std::vector<ingestion_failure> failures_;
    std::map<std::string, std::map<std::string, std::string>> database_policies_;
};

/// Several tags in one text, as the `Tags` column has them.
[[nodiscard]] std::string join_tags(std::vector<std::string> const& tags);
[[nodiscard]] std::vector<std::string> split_tags(std::string_view text);

} // namespace kusto::emulator::kql
