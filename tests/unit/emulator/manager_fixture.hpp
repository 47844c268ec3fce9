#pragma once

#include "engine_fixture.hpp"

#include <base/base64.hpp>
#include <emulator/data_manager.hpp>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace emulator_test
{

using namespace std::chrono_literals;

/// Storage that remembers what happened to it.
class memory_storage final : public storage_access
{
public:
    download fetch(std::string const& url, wall_time) override
    {
        download result;
        auto const found = blobs.find(url);
        result.ok = found != blobs.end();
        if (result.ok)
            result.bytes = found->second;
        else
            result.error_code = "Download_SourceNotFound";
        return result;
    }
    void remove(std::string const& url) override { blobs.erase(url); }
    void merge_status(std::string const& table, std::string const& partition,
                      std::string const& row,
                      std::map<std::string, std::string> const& properties) override
    {
        if (broken)
            throw std::runtime_error("table is gone");
        for (auto const& [name, value] : properties)
            entities[table + "/" + partition + "/" + row][name] = value;
    }
    void notify(bool success, std::string const& json) override
    {
        (success ? successes : failures).push_back(json);
    }
    bool accepts_identity(std::string const& token, wall_time) override { return token == "token"; }

    std::map<std::string, std::string> blobs;
    std::map<std::string, std::map<std::string, std::string>> entities;
    std::vector<std::string> successes, failures;
    bool broken = false;
};

/// Hands out one fate for each message, in order; none when they are used up.
class planned_faults final : public ingestion_faults
{
public:
    message_faults decide(std::string const&) override
    {
        if (next == fates.size())
            return {};
        return fates[next++];
    }

    std::vector<message_faults> fates;
    std::size_t next = 0;
};

inline constexpr char const* id = "3f1c8a52-0c7e-4b1e-9a55-7d2f6c1b9e10";

struct manager_fixture : engine_fixture
{
    memory_storage storage;
    planned_faults faults;
    data_manager manager{db, storage, policy(), &faults};
    data_manager::clock::time_point now{};

    manager_fixture()
    {
        static_cast<void>(command(".create table T (a:string, b:long)"));
        storage.blobs["https://s/c/one.csv?sig=x"] = "x,1\n";
        storage.blobs["https://s/c/two.csv?sig=x"] = "y,2\n";
    }
    static batching_policy policy()
    {
        batching_policy made;
        made.time_span = 10s;
        made.items = 3;
        made.raw_bytes = 100;
        return made;
    }

    /// JSON of a message with some members replaced or added.
    static std::string message(std::string const& blob, std::string const& extra = "",
                               std::string const& properties = "")
    {
        return std::string("{\"Id\":\"") + id + "\",\"BlobPath\":\"https://s/c/" + blob +
               "?sig=x\",\"DatabaseName\":\"db\",\"TableName\":\"T\"" +
               (extra.find("RawDataSize") == std::string::npos ? ",\"RawDataSize\":4" : "") +
               (extra.find("etainBlob") == std::string::npos ? ",\"RetainBlobOnSuccess\":true"
                                                             : "") +
               (extra.empty() ? "" : "," + extra) +
               ",\"AdditionalProperties\":{\"authorizationContext\":\"token\"" +
               (properties.empty() ? "" : "," + properties) + "}}";
    }
    void submit(std::string const& json) { manager.submit(kusto::base::base64_encode(json)); }
    /// Lets the batching time pass.
    void pass()
    {
        static_cast<void>(manager.run_once(now));
        now += 10s;
        static_cast<void>(manager.run_once(now));
    }
    std::string last_failure()
    {
        auto const table = command(".show ingestion failures | project ErrorCode, Details");
        return table.rows.empty() ? "" : std::get<std::string>(table.rows.back()[0]);
    }
    std::string totals() const
    {
        auto const counted = manager.counts();
        return std::to_string(counted.succeeded) + " " + std::to_string(counted.failed) + " " +
               std::to_string(counted.skipped) + " " + std::to_string(counted.raw_size_mismatches);
    }
};

} // namespace emulator_test
