#include <doctor/policies.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <core/stage_check.hpp>
#include <doctor/clean_text.hpp>
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

std::optional<std::vector<std::string>> mapped_columns(std::string_view mapping)
{
    boost::system::error_code error;
    auto const document = json::parse(mapping, error);
    if (error || !document.is_array())
        return std::nullopt;
    std::vector<std::string> columns;
    for (auto const& entry : document.get_array())
    {
        if (!entry.is_object())
            return std::nullopt;
        // Both spellings are accepted by the service, in any case.
        for (auto const* const name : {"Column", "column", "ColumnName", "Name", "name"})
        {
            auto const* const found = entry.get_object().if_contains(name);
            if (found == nullptr || !found->is_string())
                continue;
            columns.emplace_back(found->get_string());
            break;
        }
    }
    return columns;
}

verdict judge_mapping(std::string_view mapping, table_schema const& columns)
{
    auto const mapped = mapped_columns(mapping);
    if (!mapped)
        return verdict::warning("the mapping exists; what it says is not understood here",
                                "look at it: .show table ['T'] ingestion mappings");
    for (auto const& name : *mapped)
    {
        bool const known = std::any_of(columns.begin(), columns.end(),
                                       [&](column_schema const& one) { return one.name == name; });
        if (!known)
            return judge(mapping_check, failure(errc::schema_mismatch, stage::command,
                                                "the mapping names a column '" + name +
                                                    "' that the table does not have"));
    }
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
