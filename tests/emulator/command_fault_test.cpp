#include <emulator/fault_session.hpp>
#include <filesystem>
#include <thread>

using namespace kusto::emulator;
using namespace cluster_test;
namespace json = boost::json;

namespace
{

using clock_type = std::chrono::steady_clock;

constexpr char const* move_all = ".move extents all from table S to table T";

/// A stage with one row, beside the table.
struct stage_session : fault_session
{
    stage_session()
    {
        local.execute("NetDefaultDB", ".create table S (id:long, name:string)");
        local.execute("NetDefaultDB", ".append S <| print 1, 'one'");
    }

    std::string rows(std::string const& table)
    {
        return local.scalar("NetDefaultDB", table + " | count");
    }
    int status(std::string const& text) { return management(client.engine, text).status; }
    bool breaks(std::string const& text)
    {
        try
        {
            status(text);
            return false;
        }
        catch (std::exception const& error)
        {
            BOOST_TEST_MESSAGE(error.what());
            return true;
        }
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(command_faults)

BOOST_AUTO_TEST_CASE(a_rule_finds_its_commands_by_text)
{
    stage_session it;
    it.faults(fault::status(503).on(fault_route::command).containing("MOVE extents").times(1),
              fault::status(504).on(fault_route::query).containing("summarize"));
    BOOST_TEST(it.status(".show tables") == 200);
    BOOST_TEST(it.status(move_all) == 503);
    BOOST_TEST(it.status(move_all) == 200);
    BOOST_TEST(it.management(it.client.engine, "T | count", "/v1/rest/query").status == 200);
    BOOST_TEST(it.management(it.client.engine, "T | summarize count()", "/v2/rest/query").status ==
               504);
    BOOST_TEST(it.client.engine
                   .send("GET", "/v2/rest/query?csl=T%20%7C%20summarize%20count()",
                         {{"Authorization", "Bearer " + it.client.token}})
                   .status == 504);
    BOOST_TEST(it.count(0).matched == 2U);
    BOOST_TEST(it.count(0).applied == 1U);
    BOOST_TEST(it.count(1).matched == 2U);
}

BOOST_AUTO_TEST_CASE(a_command_is_executed_two_times_and_the_second_answer_sent)
{
    stage_session it;
    it.faults(fault::executed_twice().containing(".append"),
              fault::executed_twice().containing(".drop table"),
              fault::executed_twice().containing(".move"));
    BOOST_TEST(it.status(".append T <| print 2, 'two'") == 200);
    BOOST_TEST(it.rows("T") == "2");
    // The first time moves the row, the second one finds nothing to move.
    auto const moved = it.management(it.client.engine, move_all);
    BOOST_TEST(moved.status == 200);
    BOOST_TEST(json::parse(moved.body).at("Tables").at(0).at("Rows").as_array().empty());
    BOOST_TEST(it.rows("T") == "3");
    BOOST_TEST(it.status(".drop table S") == 400);
    BOOST_TEST(it.status(".show table S") == 400);
    BOOST_TEST(it.status(".show tables") == 200);
    BOOST_TEST(it.count(2).applied == 1U);
}

BOOST_AUTO_TEST_CASE(a_command_is_executed_after_its_connection_is_gone)
{
    for (auto const time : {0ms, 150ms})
    {
        stage_session it;
        it.faults(fault::executed_late(time).containing("move extents"));
        auto const start = clock_type::now();
        BOOST_TEST(it.breaks(move_all));
        while (it.rows("T") == "0" && clock_type::now() - start < 30s)
            std::this_thread::yield();
        BOOST_TEST(it.rows("T") == "1");
        BOOST_TEST(it.rows("S") == "0");
        BOOST_TEST((clock_type::now() - start >= time));
        BOOST_TEST(it.count().applied == 1U);
    }
}

BOOST_AUTO_TEST_CASE(a_late_command_can_fail_unheard)
{
    stage_session it;
    it.faults(fault::executed_late(100ms).containing("move extents"));
    auto const before = it.local.counts().requests;
    BOOST_TEST(it.breaks(move_all));
    it.local.execute("NetDefaultDB", ".drop table S");
    auto const limit = clock_type::now() + 30s;
    while (it.local.counts().requests == before && clock_type::now() < limit)
        std::this_thread::yield();
    BOOST_TEST(it.local.counts().requests == before + 1);
    BOOST_TEST(it.rows("T") == "0");
    session fresh(it.local, it.client);
    BOOST_TEST(it.management(fresh.engine, ".show tables").status == 200);
}

BOOST_AUTO_TEST_CASE(a_cluster_that_stops_forgets_late_commands)
{
    auto const path = (std::filesystem::temp_directory_path() /
                       ("kusto_late_command_" + std::to_string(::getpid()) + ".sqlite"))
                          .string();
    std::filesystem::remove(path);
    {
        fault_session it(quick().file(path));
        it.faults(fault::executed_late(1h).containing(".drop table"));
        BOOST_CHECK_THROW(it.management(it.client.engine, ".drop table T"), std::exception);
    }
    {
        cluster again(quick().file(path));
        BOOST_TEST(again.scalar("NetDefaultDB", ".show tables | count") == "1");
    }
    for (char const* suffix : {"", "-wal", "-shm"})
        std::filesystem::remove(path + suffix);
}

BOOST_AUTO_TEST_SUITE_END()
