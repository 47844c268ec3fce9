#pragma once

#include <cstddef>
#include <cstdint>
#include <kusto/data_format.hpp>
#include <kusto/schema.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// \file
/// The control commands of the commit protocols, all names and texts escaped. What may be repeated
/// is said with each.
///
/// Functions that take names of tables, databases or columns throw as `quoted_name`: `error`,
/// `errc::invalid_record`. All are pure.

namespace kusto::wire
{

/// `drop-by:kusto-wal/{job}/{checkpoint}`: on every extent of a checkpoint.
[[nodiscard]] std::string checkpoint_tag(std::string_view job, std::uint64_t checkpoint);
/// `kusto-wal/{job}/{checkpoint}`
[[nodiscard]] std::string checkpoint_tag_value(std::string_view job, std::uint64_t checkpoint);
/// `kusto-wal/{job}/{checkpoint}/{batch}`: value of the ingest-by tag of a batch.
[[nodiscard]] std::string batch_tag_value(std::string_view job, std::uint64_t checkpoint,
                                          std::size_t batch);
/// `{table}__wal_{job}_{checkpoint}_{attempt}`
[[nodiscard]] std::string stage_name(std::string_view table, std::string_view job,
                                     std::uint64_t checkpoint, int attempt);
/// `{table}__wal_{job}_`: what all stages of a job begin with, and those of a job whose name goes
/// on with `_` too: `parse_stage_name` tells them apart.
[[nodiscard]] std::string stage_prefix(std::string_view table, std::string_view job);

/// What a stage's name says.
struct stage_number
{
    std::uint64_t checkpoint = 0;
    int attempt = 0;

    friend bool operator==(stage_number const&, stage_number const&) = default;
};
/// Reads a name made by `stage_name` with this table and job; nothing for any other name.
[[nodiscard]] std::optional<stage_number>
parse_stage_name(std::string_view name, std::string_view table, std::string_view job);

// Stages. All may be repeated.

/// `.create table` hidden, in folder `kusto-cpp`; a table that exists is left as it is.
[[nodiscard]] std::string create_stage(std::string_view stage, table_schema const& columns);
/// 10 s, the service's minimum.
[[nodiscard]] std::string stage_batching(std::string_view stage);
/// No merges, no rebuilds: extents stay as they were counted.
[[nodiscard]] std::string stage_merging(std::string_view stage);
/// Seven days, unrecoverable, so that a stage that is forgotten dies.
[[nodiscard]] std::string stage_retention(std::string_view stage);
/// An ingestion mapping with the JSON text of another table's; replaces one of that name.
[[nodiscard]] std::string create_stage_mapping(std::string_view stage, std::string_view name,
                                               data_format format, std::string_view mapping);
/// A table that does not exist is no error.
[[nodiscard]] std::string drop_table(std::string_view name);
/// Names of tables that begin with `prefix`, hidden ones included.
[[nodiscard]] std::string show_tables_like(std::string_view prefix);

// Extents.

/// With a query behind it that keeps ExtentId, RowCount and Tags.
[[nodiscard]] std::string show_extents(std::string_view table);
/// Those with this tag. The caller compares whole tags all the same: the service's documentation
/// calls the filter equality, and the operator of the same name in queries compares terms.
[[nodiscard]] std::string show_extents(std::string_view table, std::string_view tag);
/// Those with `text` somewhere in their tags.
[[nodiscard]] std::string show_extents_like(std::string_view table, std::string_view text);
/// Moves exactly these, or none; they get the time of the move as their ingestion time. A
/// repetition fails when the first one succeeded. \pre not empty \throws error
/// `errc::invalid_record` for an id that is not a guid
[[nodiscard]] std::string move_extents(std::string_view from, std::string_view to,
                                       std::vector<std::string> const& ids);
/// Moves whatever there is: of an empty stage, nothing. Needs the rights that `move_extents` needs.
[[nodiscard]] std::string move_all_extents(std::string_view from, std::string_view to);
/// From all extents of the table. May be repeated. \pre not empty
[[nodiscard]] std::string drop_extent_tags(std::string_view table,
                                           std::vector<std::string> const& tags);

// The commit table.

/// What a row of it says.
struct commit_record
{
    std::string job;
    std::string owner; ///< of the ledger
    std::uint64_t checkpoint = 0;
    std::string table; ///< the target table: a job may have several sinks
    std::uint64_t rows = 0;
    std::string position; ///< opaque bytes; base64 in the table
};

/// `.create-merge table` hidden. May be repeated.
[[nodiscard]] std::string create_commit_table(std::string_view name);
/// The ingest-by tag of a row, which suppresses its repetition.
[[nodiscard]] std::string commit_tag(commit_record const& what);
/// `.set-or-append`, skipped when a record of the same job, table and checkpoint is there already:
/// may be repeated. The time of the commit is the service's.
[[nodiscard]] std::string append_commit(std::string_view commit_table, commit_record const& what);
/// Query: the row of one checkpoint, or none.
[[nodiscard]] std::string find_commit(std::string_view commit_table, std::string_view job,
                                      std::string_view table, std::uint64_t checkpoint);
/// Query: the job's row with the highest checkpoint, or none.
[[nodiscard]] std::string last_commit(std::string_view commit_table, std::string_view job,
                                      std::string_view table);

// Questions of the preflight.

/// As JSON: names, types and order of the columns.
[[nodiscard]] std::string show_schema(std::string_view table);
/// The policies that are *defined on* the table: they fill it from other tables.
[[nodiscard]] std::string show_update_policy(std::string_view table);
/// Those of all tables of the database: among them the ones that the table's own data triggers,
/// which are defined on the tables that they fill.
[[nodiscard]] std::string show_update_policies();
[[nodiscard]] std::string show_tag_retention(std::string_view table);
/// Applies to the tables that have none of their own.
[[nodiscard]] std::string show_database_tag_retention(std::string_view database);
/// An ingestion mapping of the table by its name.
[[nodiscard]] std::string show_mapping(std::string_view table, std::string_view name,
                                       data_format format);

} // namespace kusto::wire
