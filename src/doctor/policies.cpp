#include <doctor/policies.hpp>

#include <algorithm>
#include <array>
#include <base/ascii.hpp>
#include <boost/json.hpp>
#include <core/stage_check.hpp>
#include <doctor/clean_text.hpp>
#include <span>
#include <wire/batching_policy.hpp>

namespace kusto::doctor
{

namespace
{

namespace json = boost::json;
using namespace std::chrono_literals;

/// Default of `write_ahead_options::recovery_horizon`.
constexpr std::chrono::seconds recovery_horizon = 24h * 7;

std::string in_seconds(std::chrono::milliseconds time)
{
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

void add_sentence(std::string& to, std::string const& more)
{
    if (!to.empty())
        to += "; ";
    to += more;
}

/// The spellings of a mapping's keys in use, old ones last; the service does not regard their case.
constexpr std::array<std::string_view, 3> column_keys{"Column", "ColumnName", "Name"};
constexpr std::array<std::string_view, 2> type_keys{"DataType", "ColumnType"};

std::string member_of(json::object const& entry, std::span<std::string_view const> keys)
{
    for (auto const key : keys)
    {
        for (auto const& member : entry)
        {
            std::string_view const name(member.key().data(), member.key().size());
            if (base::equal_ignoring_case(name, key) && member.value().is_string())
                return std::string(member.value().get_string());
        }
    }
    return {};
}

bool is_type(std::string_view name)
{
    constexpr std::array<std::string_view, 16> types{
        "bool",     "boolean", "datetime", "date", "decimal", "dynamic", "guid",     "uuid",
        "uniqueid", "int",     "long",     "real", "double",  "string",  "timespan", "time"};
    return std::any_of(types.begin(), types.end(),
                       [name](std::string_view type)
                       { return base::equal_ignoring_case(type, name); });
}

bool has_column(table_schema const& columns, std::string const& name)
{
    return std::any_of(columns.begin(), columns.end(),
                       [&](column_schema const& one) { return one.name == name; });
}

} // namespace

verdict judge_policies(table_policies const& policies)
{
    auto const wait = policies.batching_time.value_or(wire::default_batching_time);
    std::string detail = "the service collects data for up to " + in_seconds(wait) +
                         (policies.batching_time ? "" : " (its default)");
    std::string remedy;
    if (wait > wire::default_batching_time)
        add_sentence(remedy, "rows are seen that late; .alter table policy ingestionbatching "
                             "shortens it, and ingestion_status_timeout must be longer");
    if (policies.updates_others)
        add_sentence(detail, "an update policy fills another table (with the write-ahead sink use "
                             "commit_protocol::ingest_by)");
    if (policies.tag_retention)
        add_sentence(detail, "extent tags stay for " + in_seconds(*policies.tag_retention));
    if (policies.tag_retention && *policies.tag_retention < recovery_horizon)
        add_sentence(remedy, "the write-ahead sink recognises its data by tags: raise "
                             "extent_tags_retention, or lower recovery_horizon below it");
    return remedy.empty() ? verdict::ok(std::move(detail))
                          : verdict::warning(std::move(detail), std::move(remedy));
}

std::optional<std::vector<mapped_column>> mapped_columns(std::string_view mapping)
{
    boost::system::error_code error;
    auto const document = json::parse(mapping, error);
    if (error || !document.is_array())
        return std::nullopt;
    std::vector<mapped_column> columns;
    for (auto const& entry : document.get_array())
    {
        if (!entry.is_object())
            return std::nullopt;
        auto const& members = entry.get_object();
        mapped_column one(member_of(members, column_keys), member_of(members, type_keys));
        if (one.name.empty())
            return std::nullopt;
        columns.push_back(std::move(one));
    }
    return columns;
}

verdict judge_mapping(std::string_view mapping, table_schema const& columns)
{
    auto const mapped = mapped_columns(mapping);
    if (!mapped)
        return verdict::warning("the mapping exists; what it says is not understood here",
                                "look at it: .show table ['T'] ingestion mappings");
    std::string added;
    bool all_typed = true;
    for (auto const& one : *mapped)
    {
        bool const typed = is_type(one.type);
        all_typed = all_typed && typed;
        if (has_column(columns, one.name))
            continue;
        if (!typed)
            return judge(mapping_check, failure(errc::schema_mismatch, stage::command,
                                                "the mapping names a column '" + one.name +
                                                    "' that the table does not have"));
        added += (added.empty() ? "" : ", ") + one.name + ':' + one.type;
    }
    if (!added.empty())
        return verdict::warning(
            one_line("the service will add to the table: " + added),
            all_typed ? "if that is not meant, correct the names in the mapping"
                      : "it does so only if all entries of the mapping have a DataType: give them "
                        "one, or add the columns (.alter-merge table)");
    return verdict::ok(std::to_string(mapped->size()) + " of " + std::to_string(columns.size()) +
                       " columns are mapped");
}

verdict judge_schema(table_schema const& expected, table_schema const& actual)
{
    if (!expected.empty())
    {
        if (auto const difference = core::compare_schemas(expected, actual))
            return judge(schema_check, failure(errc::schema_mismatch, stage::command, *difference));
    }
    std::string text = std::to_string(actual.size()) + " columns: ";
    for (auto const& column : actual)
        text += (&column == &actual.front() ? "" : ", ") + column.name + ':' + column.type;
    constexpr std::size_t longest = 500;
    if (text.size() > longest)
        text = text.substr(0, text.rfind(", ", longest)) + ", ...";
    return verdict::ok(one_line(text));
}

} // namespace kusto::doctor
