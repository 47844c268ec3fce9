#include <wire/control_commands.hpp>

#include <base/base64.hpp>
#include <base/guid.hpp>
#include <charconv>
#include <kusto/error.hpp>
#include <wire/json.hpp>

namespace kusto::wire
{

namespace
{

constexpr std::string_view policy_batching = R"({"MaximumBatchingTimeSpan":"00:00:10",)"
                                             R"("MaximumNumberOfItems":500,)"
                                             R"("MaximumRawDataSizeMB":1024})";
constexpr std::string_view policy_merging = R"({"AllowRebuild":false,"AllowMerge":false})";
constexpr std::string_view extent_columns = " | project ExtentId, RowCount, Tags";

std::string hidden(std::string_view docstring)
{
    return " with (hidden=true, folder='kusto-cpp', docstring=" + quoted_literal(docstring) + ")";
}

std::string_view mapping_kind(data_format format) noexcept
{
    return format == data_format::csv ? "csv" : "json";
}

std::string mapping_of(std::string_view table, std::string_view name, data_format format)
{
    std::string text = " table " + quoted_name(table) + " ingestion ";
    text += mapping_kind(format);
    return text += " mapping " + quoted_literal(name);
}

std::string set_policy(std::string_view table, std::string_view kind, std::string_view policy)
{
    std::string text = ".alter table " + quoted_name(table) + " policy ";
    text += kind;
    return text += " " + quoted_literal(policy);
}

std::string show_policy(std::string_view level, std::string_view name, std::string_view kind)
{
    std::string text = ".show ";
    text += level;
    text += " " + quoted_name(name) + " policy ";
    return text += kind;
}

/// Ids stand in a command without quotes.
std::string checked_id(std::string_view id)
{
    auto const read = base::guid::parse(id);
    if (!read)
        throw error(failure(errc::invalid_record, stage::commit, "an extent id is not a guid"));
    return read->to_string();
}

std::string commits_of(std::string_view commit_table, std::string_view job, std::string_view table)
{
    return quoted_name(commit_table) + " | where job == " + quoted_literal(job) +
           " and target == " + quoted_literal(table);
}

/// One JSON array of one text, as a literal.
std::string json_list(std::string_view text)
{
    return quoted_literal("[" + json_quoted(text) + "]");
}

/// Takes a number written as `std::to_string` does off the front.
template <class Integer>
std::optional<Integer> take_number(std::string_view& text)
{
    Integer number = 0;
    auto const* const end = text.data() + text.size();
    auto const [stop, ec] = std::from_chars(text.data(), end, number);
    auto const length = static_cast<std::size_t>(stop - text.data());
    if (ec != std::errc() || number < 0 || text.substr(0, length) != std::to_string(number))
        return std::nullopt;
    text.remove_prefix(length);
    return number;
}

} // namespace

std::string checkpoint_tag_value(std::string_view job, std::uint64_t checkpoint)
{
    return "kusto-wal/" + std::string(job) + "/" + std::to_string(checkpoint);
}

std::string checkpoint_tag(std::string_view job, std::uint64_t checkpoint)
{
    return "drop-by:" + checkpoint_tag_value(job, checkpoint);
}

std::string batch_tag_value(std::string_view job, std::uint64_t checkpoint, std::size_t batch)
{
    return checkpoint_tag_value(job, checkpoint) + "/" + std::to_string(batch);
}

std::string stage_prefix(std::string_view table, std::string_view job)
{
    return std::string(table) + "__wal_" + std::string(job) + "_";
}

std::string stage_name(std::string_view table, std::string_view job, std::uint64_t checkpoint,
                       int attempt)
{
    return stage_prefix(table, job) + std::to_string(checkpoint) + "_" + std::to_string(attempt);
}

std::optional<stage_number> parse_stage_name(std::string_view name, std::string_view table,
                                             std::string_view job)
{
    auto const prefix = stage_prefix(table, job);
    if (!name.starts_with(prefix))
        return std::nullopt;
    name.remove_prefix(prefix.size());
    auto const checkpoint = take_number<std::uint64_t>(name);
    if (!checkpoint || !name.starts_with('_'))
        return std::nullopt;
    name.remove_prefix(1);
    auto const attempt = take_number<int>(name);
    if (!attempt || !name.empty())
        return std::nullopt;
    return stage_number{*checkpoint, *attempt};
}

std::string create_stage(std::string_view stage, table_schema const& columns)
{
    // Alike but for the verb; this one leaves a table that exists as it is.
    constexpr std::string_view other = ".create-merge";
    return ".create" + create_merge_table_command(stage, columns).substr(other.size()) +
           hidden("Stage of a checkpoint of a kusto-cpp write-ahead sink; dropped by the sink");
}

std::string stage_batching(std::string_view stage)
{
    return set_policy(stage, "ingestionbatching", policy_batching);
}

std::string stage_merging(std::string_view stage)
{
    return set_policy(stage, "merge", policy_merging);
}

std::string stage_retention(std::string_view stage)
{
    return ".alter-merge table " + quoted_name(stage) +
           " policy retention softdelete = 7d recoverability = disabled";
}

std::string create_stage_mapping(std::string_view stage, std::string_view name, data_format format,
                                 std::string_view mapping)
{
    return ".create-or-alter" + mapping_of(stage, name, format) + " " + quoted_literal(mapping);
}

std::string drop_table(std::string_view name)
{
    return ".drop table " + quoted_name(name) + " ifexists";
}

std::string show_tables_like(std::string_view prefix)
{
    return ".show tables | where TableName startswith_cs " + quoted_literal(prefix) +
           " | project TableName";
}

std::string show_extents(std::string_view table)
{
    return ".show table " + quoted_name(table) + " extents" + std::string(extent_columns);
}

std::string show_extents(std::string_view table, std::string_view tag)
{
    return ".show table " + quoted_name(table) + " extents where tags has " + quoted_literal(tag) +
           std::string(extent_columns);
}

std::string show_extents_like(std::string_view table, std::string_view text)
{
    return ".show table " + quoted_name(table) + " extents | where Tags contains_cs " +
           quoted_literal(text) + std::string(extent_columns);
}

std::string move_extents(std::string_view from, std::string_view to,
                         std::vector<std::string> const& ids)
{
    std::string command = ".move extents from table " + quoted_name(from) + " to table " +
                          quoted_name(to) + " with (setNewIngestionTime=true) (";
    for (auto const& id : ids)
    {
        if (&id != &ids.front())
            command += ", ";
        command += checked_id(id);
    }
    return command += ')';
}

std::string move_all_extents(std::string_view from, std::string_view to)
{
    return ".move extents all from table " + quoted_name(from) + " to table " + quoted_name(to);
}

std::string drop_extent_tags(std::string_view table, std::vector<std::string> const& tags)
{
    std::string command = ".drop table " + quoted_name(table) + " extent tags (";
    for (auto const& tag : tags)
    {
        if (&tag != &tags.front())
            command += ", ";
        command += quoted_literal(tag);
    }
    return command += ')';
}

std::string create_commit_table(std::string_view name)
{
    table_schema const columns{{"job", "string"},      {"target", "string"},
                               {"owner", "string"},    {"checkpoint", "long"},
                               {"rows", "long"},       {"position", "string"},
                               {"committed", "datetime"}};
    return create_merge_table_command(name, columns) +
           hidden("Checkpoints that kusto-cpp write-ahead sinks have committed");
}

std::string commit_tag(commit_record const& what)
{
    return "ingest-by:kusto-wal-commit/" + what.job + "/" + what.table + "/" +
           std::to_string(what.checkpoint) + "/" + what.owner;
}

std::string append_commit(std::string_view commit_table, commit_record const& what)
{
    auto const checkpoint = std::to_string(what.checkpoint);
    auto const tag = commit_tag(what).substr(std::string_view("ingest-by:").size());
    return ".set-or-append " + quoted_name(commit_table) +
           " with (tags=" + json_list("ingest-by:" + tag) +
           ", ingestIfNotExists=" + json_list(tag) + ") <| print job=" + quoted_literal(what.job) +
           ", target=" + quoted_literal(what.table) + ", owner=" + quoted_literal(what.owner) +
           ", checkpoint=long(" + checkpoint +
           "), rows=long(" + std::to_string(what.rows) +
           "), position=" + quoted_literal(base::base64_encode(what.position)) +
           ", committed=now()";
}

std::string find_commit(std::string_view commit_table, std::string_view job, std::string_view table,
                        std::uint64_t checkpoint)
{
    return commits_of(commit_table, job, table) +
           " and checkpoint == " + std::to_string(checkpoint) +
           " | project checkpoint, position, owner | take 1";
}

std::string last_commit(std::string_view commit_table, std::string_view job, std::string_view table)
{
    return commits_of(commit_table, job, table) +
           " | top 1 by checkpoint desc | project checkpoint, position, owner";
}

std::string show_schema(std::string_view table)
{
    return ".show table " + quoted_name(table) + " schema as json";
}

std::string show_update_policy(std::string_view table)
{
    return show_policy("table", table, "update");
}

std::string show_update_policies()
{
    return ".show table * policy update";
}

std::string show_tag_retention(std::string_view table)
{
    return show_policy("table", table, "extent_tags_retention");
}

std::string show_database_tag_retention(std::string_view database)
{
    return show_policy("database", database, "extent_tags_retention");
}

std::string show_mapping(std::string_view table, std::string_view name, data_format format)
{
    return ".show" + mapping_of(table, name, format);
}

} // namespace kusto::wire
