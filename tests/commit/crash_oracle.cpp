#include "crash_oracle.hpp"

#include <algorithm>
#include <base/base64.hpp>
#include <boost/json.hpp>
#include <faults/records.hpp>
#include <map>
#include <set>

namespace kusto::crash
{

namespace json = boost::json;

namespace
{

std::string const database(faults::database_name);

/// Rows of the first table of a v1 answer.
json::array rows_of(emulator::cluster& cluster, std::string const& text)
{
    auto const answer = json::parse(cluster.execute(database, text));
    return answer.at("Tables").at(0).at("Rows").as_array();
}

faults::found_records read_table(emulator::cluster& cluster, std::uint64_t seed)
{
    faults::found_records out;
    out.add_answer(seed, cluster.execute(database, std::string(faults::table_name)));
    return out;
}

/// `12, 13, ... (40 in all)`
std::string some_of(std::vector<std::int64_t> const& ids)
{
    std::string out;
    for (std::size_t i = 0; i < (std::min<std::size_t>)(ids.size(), 5); ++i)
        out += (i != 0 ? ", " : "") + std::to_string(ids[i]);
    return out + " (" + std::to_string(ids.size()) + " in all)";
}

void complain_of_foreign(faults::found_records const& table, std::uint64_t records,
                         complaints& out)
{
    if (table.foreign != 0)
        out.push_back("damaged or foreign rows: " + std::to_string(table.foreign));
    std::vector<std::int64_t> twice, unknown;
    for (auto const& [id, times] : table.times)
    {
        if (times > 1)
            twice.push_back(id);
        if (id < 0 || static_cast<std::uint64_t>(id) >= records)
            unknown.push_back(id);
    }
    if (!twice.empty())
        out.push_back("more than once: records " + some_of(twice));
    if (!unknown.empty())
        out.push_back("not of the source: records " + some_of(unknown));
}

struct commit_row
{
    std::int64_t rows;
    std::string position;

    bool operator==(commit_row const&) const = default;
};

std::multimap<std::int64_t, commit_row> read_commits(emulator::cluster& cluster,
                                                     std::string const& job)
{
    std::multimap<std::int64_t, commit_row> out;
    auto const rows = rows_of(cluster, "kusto_checkpoints | where job == '" + job +
                                           "' | project checkpoint, rows, position");
    for (auto const& row : rows)
    {
        auto const position = base::base64_decode(json::value_to<std::string>(row.at(2)));
        out.emplace(row.at(0).to_number<std::int64_t>(),
                    commit_row{row.at(1).to_number<std::int64_t>(), position.value_or("")});
    }
    return out;
}

bool belongs_to_ledger(std::string const& name)
{
    return name == "lock" || name.starts_with("ledger.sqlite");
}

} // namespace

complaints crash_oracle::judge_midway() const
{
    complaints out;
    auto const table = read_table(cluster_, plan_.seed);
    complain_of_foreign(table, plan_.records, out);
    if (plan_.sink == "staged" && !table.times.empty() &&
        table.times.rbegin()->first + 1 != static_cast<std::int64_t>(table.times.size()))
        out.push_back("a part of a checkpoint is visible: " + std::to_string(table.times.size()) +
                      " records, the last is " + std::to_string(table.times.rbegin()->first));
    return out;
}

complaints crash_oracle::judge_table() const
{
    complaints out;
    auto const table = read_table(cluster_, plan_.seed);
    complain_of_foreign(table, plan_.records, out);
    std::vector<std::int64_t> missing;
    for (std::uint64_t id = 0; id < plan_.records; ++id)
        if (!table.times.contains(static_cast<std::int64_t>(id)))
            missing.push_back(static_cast<std::int64_t>(id));
    if (!missing.empty())
        out.push_back("lost: records " + some_of(missing));
    return out;
}

complaints crash_oracle::judge_commits() const
{
    complaints out;
    auto const commits = read_commits(cluster_, plan_.job);
    std::int64_t next = 1, rows = 0, position = 0;
    for (auto at = commits.begin(); at != commits.end(); at = commits.upper_bound(at->first))
    {
        auto const id = at->first;
        auto const& row = at->second;
        if (id != next)
            out.push_back("the commit table has checkpoint " + std::to_string(id) + " instead of " +
                          std::to_string(next));
        next = id + 1;
        rows += row.rows;
        auto const to = std::stoll(row.position);
        if (to < position || to - position != row.rows)
            out.push_back("checkpoint " + std::to_string(id) + " is recorded with position " +
                          row.position + " after " + std::to_string(position) + " and " +
                          std::to_string(row.rows) + " rows");
        position = to;
        auto const end = commits.upper_bound(id);
        if (!std::all_of(at, end, [&](auto const& other) { return other.second == row; }))
            out.push_back("checkpoint " + std::to_string(id) + " is recorded in two ways");
    }
    if (rows != static_cast<std::int64_t>(plan_.records))
        out.push_back("the commit table has " + std::to_string(rows) + " rows of " +
                      std::to_string(plan_.records));
    return out;
}

std::uint64_t crash_oracle::commits_twice() const
{
    auto const commits = read_commits(cluster_, plan_.job);
    std::set<std::int64_t> ids;
    for (auto const& [id, row] : commits)
        ids.insert(id);
    return commits.size() - ids.size();
}

complaints crash_oracle::judge_remains() const
{
    complaints out;
    for (auto const& row : rows_of(cluster_, ".show tables"))
    {
        auto const name = json::value_to<std::string>(row.at(0));
        if (name.find("__wal_") != std::string::npos)
            out.push_back("left behind: table " + name);
    }
    for (auto const& file : std::filesystem::directory_iterator(plan_.directory))
    {
        auto const name = file.path().filename().string();
        if (!belongs_to_ledger(name))
            out.push_back("left behind: file " + name);
    }
    return out;
}

} // namespace kusto::crash
