#include "replies.hpp"

#include <boost/test/unit_test.hpp>
#include <wire/resources.hpp>

using namespace kusto;
using namespace kusto::test;

namespace
{

using cells = std::vector<std::vector<value>>;

table rows_of(cells rows, std::string first = "ResourceTypeName",
              std::string second = "StorageRoot")
{
    return table("Table_0", {{std::move(first), "string"}, {std::move(second), "string"}},
                 std::move(rows));
}

cells good()
{
    return {
        {"TempStorage",
         "https://a1.blob.core.windows.net/c1?sv=1&sig=a%2Bb&se=2026-11-22T12%3A00%3A00Z"},
        {"tempSTORAGE", "https://a2.z11.blob.storage.azure.net/c2?sig=x&se=2026-11-22T11:00:00Z"},
        {"SecuredReadyForAggregationQueue", "https://a1.queue.core.windows.net/q?sig=q"},
        {"IngestionsStatusTable", "https://a1.table.core.windows.net/t?sig=t&se=2026-11-23"},
        {"FailedIngestionsQueue", "not even a URL"},
        {"SomethingNew", "http://evil"}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(resources_test)

BOOST_AUTO_TEST_CASE(reads_all_kinds_and_ignores_unknown_ones)
{
    auto const read = wire::parse_resources(rows_of(good()), "dm");
    BOOST_REQUIRE(read);
    BOOST_REQUIRE(read->containers.size() == 2u);
    BOOST_REQUIRE(read->queues.size() == 1u);
    BOOST_REQUIRE(read->status_tables.size() == 1u);
    BOOST_TEST(read->containers[0].location.query() ==
               "sv=1&sig=a%2Bb&se=2026-11-22T12%3A00%3A00Z");
    BOOST_TEST(read->containers[0].account == "a1.blob.core.windows.net");
    BOOST_TEST(
        (read->containers[0].expires_on == base::utc_time_point(std::chrono::seconds(1795348800))));
    BOOST_TEST(!read->queues[0].expires_on.has_value());
    BOOST_TEST((read->earliest_expiry() == base::utc_time_point(std::chrono::seconds(1795345200))));
}

BOOST_AUTO_TEST_CASE(columns_by_name_in_any_order_or_by_position)
{
    cells swapped;
    for (auto& row : good())
        swapped.push_back({row[1], row[0]});
    BOOST_TEST(wire::parse_resources(rows_of(swapped, "storageroot", "resourcetypename"), "dm")
                   .has_value());
    BOOST_TEST(wire::parse_resources(rows_of(good(), "A", "B"), "dm").has_value());
}

BOOST_AUTO_TEST_CASE(unsafe_addresses_are_not_used_and_fail_only_when_no_other_is_left)
{
    struct row
    {
        char const* address;
        char const* word;
    };
    for (auto const& r : {row{"http://a.blob.core.windows.net/c?sig=SECRET", "not https"},
                          row{"https://a.blob.core.windows.net/c", "without a signature"},
                          row{"https://a.blob.core.windows.net/c?sv=1", "without a signature"},
                          row{"nonsense?sig=SECRET", "does not parse"}, row{"", "does not parse"}})
    {
        auto rows = good();
        rows.push_back({"TempStorage", r.address});
        auto const beside_good_ones = wire::parse_resources(rows_of(rows), "dm");
        rows.erase(rows.begin(), rows.begin() + 2);
        auto const read = wire::parse_resources(rows_of(rows), "dm");
        BOOST_TEST_CONTEXT(r.address)
        {
            BOOST_REQUIRE(beside_good_ones);
            BOOST_TEST(beside_good_ones->containers.size() == 2u);
            BOOST_REQUIRE(!read);
            BOOST_TEST((read.error().code() == errc::malformed_reply));
            BOOST_TEST(has(read.error().message(), r.word));
            BOOST_TEST(!has(read.error().describe(), "SECRET"));
            BOOST_TEST(read.error().host() == "dm");
        }
    }
    auto rows = good();
    rows.push_back({"TempStorage", "http://127.0.0.1:1/acct/c?sig=x"});
    BOOST_TEST(wire::parse_resources(rows_of(rows), "dm").has_value());
}

BOOST_AUTO_TEST_CASE(nothing_listed)
{
    for (char const* missing : {"TempStorage", "SecuredReadyForAggregationQueue"})
    {
        cells rows;
        for (auto& row : good())
        {
            if (row[0].get<std::string>() != missing && row[0].get<std::string>() != "tempSTORAGE")
                rows.push_back(row);
        }
        auto const read = wire::parse_resources(rows_of(rows), "dm");
        BOOST_REQUIRE(!read);
        BOOST_TEST((read.error().code() == errc::no_resources));
    }
    BOOST_TEST(!wire::parse_resources(table(), "dm"));
}

BOOST_AUTO_TEST_CASE(accounts)
{
    auto const account = [](char const* text) { return wire::account_of(*base::url::parse(text)); };
    BOOST_TEST(account("https://a.blob.core.windows.net/c?sig=x") == "a.blob.core.windows.net");
    BOOST_TEST(account("http://127.0.0.1:1/acct/c?sig=x") == "127.0.0.1:1/acct");
    BOOST_TEST(account("http://localhost:1/acct") == "localhost:1/acct");
    BOOST_TEST(account("http://a.blob.localhost:1/c") == "a.blob.localhost:1");
}

BOOST_AUTO_TEST_CASE(identity_token)
{
    table const good_one("T", {{"AuthorizationContext", "string"}}, {{value("secret")}});
    BOOST_TEST(wire::parse_identity_token(good_one, "dm").value() == "secret");
    table const empty("T", {{"AuthorizationContext", "string"}}, {});
    BOOST_TEST(!wire::parse_identity_token(empty, "dm"));
    table const blank("T", {{"AuthorizationContext", "string"}}, {{value("")}});
    BOOST_TEST(!wire::parse_identity_token(blank, "dm"));
    table const number("T", {{"AuthorizationContext", "long"}}, {{value(5)}});
    BOOST_TEST(!wire::parse_identity_token(number, "dm"));
}

BOOST_AUTO_TEST_SUITE_END()
