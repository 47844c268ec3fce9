#include "local_cluster.hpp"

#include <boost/test/unit_test.hpp>
#include <kusto/lines.hpp>
#include <kusto/sink.hpp>
#include <tuple>

namespace asio = boost::asio;
using kusto::test::local_cluster;

namespace
{

/// Runs `operation`, which must throw kusto::error, and returns why.
template <class F>
kusto::failure failure_of(F&& operation)
{
    try
    {
        operation();
    }
    catch (kusto::error const& e)
    {
        return e.why();
    }
    throw std::logic_error("nothing was thrown");
}

kusto::connection_options quickly(kusto::connection_options where)
{
    where.retry(kusto::retry_options().base(std::chrono::milliseconds(1)).cap(std::chrono::milliseconds(5)));
    where.connect_timeout(std::chrono::seconds(2)).request_timeout(std::chrono::seconds(5));
    return where;
}

void check_connect_fails(local_cluster& local, kusto::connection_options where, kusto::errc code,
                         kusto::stage stage)
{
    kusto::client service(local.threads.get_executor(), quickly(std::move(where)));
    auto const start = std::chrono::steady_clock::now();
    auto const why = failure_of([&] { local.run(service.connect()); });
    BOOST_TEST_MESSAGE(why.describe());
    BOOST_TEST((why.code() == code), to_string(why.code()));
    BOOST_TEST((why.where() == stage), to_string(why.where()));
    BOOST_TEST((std::chrono::steady_clock::now() - start < std::chrono::seconds(30)));
}

} // namespace

BOOST_AUTO_TEST_SUITE(bad_input)

BOOST_AUTO_TEST_CASE(a_wrong_secret_names_the_code_of_aad)
{
    local_cluster local;
    auto const& known = local.cluster.options();
    auto where = local.connection();
    where.who(kusto::credential::client_secret(known.client_id(), "canary-wrong-secret", known.tenant()));
    kusto::client service(local.threads.get_executor(), quickly(where));
    auto const why = failure_of([&] { local.run(service.connect()); });
    BOOST_TEST_MESSAGE(why.describe());
    BOOST_TEST((why.code() == kusto::errc::authentication_failed));
    BOOST_TEST((why.where() == kusto::stage::token));
    BOOST_TEST(why.service_code() == "AADSTS7000215");
    BOOST_TEST(why.status() == 401);
    BOOST_TEST(why.host().find("localhost") != std::string::npos);
    BOOST_TEST(why.describe().find("canary") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_certificate_of_an_unknown_authority_is_refused)
{
    local_cluster local;
    auto where = local.connection();
    where.ca_pem("");
    check_connect_fails(local, where, kusto::errc::certificate_rejected, kusto::stage::handshake);
}

BOOST_AUTO_TEST_CASE(an_unreachable_host_is_an_error_in_time)
{
    local_cluster local;
    kusto::connection_options where("https://localhost:1");
    where.ingestion_url("https://localhost:1").who(kusto::credential::client_secret(
        local.cluster.options().client_id(), "secret", local.cluster.options().tenant()));
    check_connect_fails(local, where, kusto::errc::connect_failed, kusto::stage::connect);
}

BOOST_AUTO_TEST_CASE(an_engine_given_as_ingestion_service_is_a_wrong_endpoint)
{
    local_cluster local;
    auto where = local.connection();
    where.ingestion_url(local.cluster.engine_url());
    check_connect_fails(local, where, kusto::errc::wrong_endpoint, kusto::stage::resources);
}

BOOST_AUTO_TEST_CASE(an_untrusted_host_gets_no_token)
{
    local_cluster local;
    kusto::connection_options where("https://kusto.example.org");
    where.who(kusto::credential::client_secret(local.cluster.options().client_id(), "secret",
                                               local.cluster.options().tenant()));
    kusto::client service(local.threads.get_executor(), quickly(where));
    auto const why = failure_of([&] { local.run(service.connect()); });
    BOOST_TEST((why.code() == kusto::errc::untrusted_endpoint));
    BOOST_TEST(local.cluster.counts().requests == 0u);
}

BOOST_AUTO_TEST_CASE(a_query_on_an_unknown_table_names_it)
{
    local_cluster local;
    auto const why = failure_of([&] { (void)local.run(local.service.query("", "NoSuchTable | count")); });
    BOOST_TEST_MESSAGE(why.describe());
    BOOST_TEST(why.describe().find("NoSuchTable") != std::string::npos);
    BOOST_TEST(why.status() == 400);
    BOOST_TEST(!why.request_id().empty());
    BOOST_TEST(!why.activity_id().empty());
}

BOOST_AUTO_TEST_CASE(a_sink_into_an_unknown_table_says_so_and_reports_what_it_accepted)
{
    local_cluster local;
    kusto::batching_sink sink(local.service, kusto::write_options("NetDefaultDB", "NoSuchTable"));
    auto const record = std::make_tuple(1, "x");
    local.run(sink.write(record));
    auto const why = failure_of([&] { (void)local.run(sink.flush()); });
    BOOST_TEST_MESSAGE(why.describe());
    BOOST_TEST((why.code() == kusto::errc::not_found));
    BOOST_TEST(why.status() == 400);
    BOOST_TEST(why.service_code() == "BadRequest_EntityNotFound");
    BOOST_TEST(!why.host().empty());
    BOOST_TEST(!why.request_id().empty());
    BOOST_TEST(why.describe().find("NoSuchTable") != std::string::npos);
    // The sink is stopped: it says why, and reports the record.
    auto const later = failure_of([&] { local.run(sink.write(record)); });
    BOOST_TEST((later.code() == kusto::errc::sink_stopped));
    auto const report = local.run(sink.close());
    BOOST_TEST(report.accepted.records == 1u);
    BOOST_TEST(report.failed.records == 1u);
    BOOST_TEST(!report.complete());
}

BOOST_AUTO_TEST_CASE(a_bad_record_is_refused_and_nothing_else_is_lost)
{
    local_cluster local;
    local.command(".create table T (Id: long, Text: string)");
    kusto::batching_sink sink(local.service, kusto::write_options("NetDefaultDB", "T"));
    local.run(sink.write(kusto::csv_line("1,first")));
    auto const quote = failure_of([&] { local.run(sink.write(kusto::csv_line("2,\"open"))); });
    BOOST_TEST((quote.code() == kusto::errc::invalid_record));
    auto const utf8 = failure_of([&] { local.run(sink.write(kusto::csv_line("3,\xff\xfe"))); });
    BOOST_TEST((utf8.code() == kusto::errc::invalid_utf8));
    local.run(sink.write(kusto::csv_line("4,last")));
    BOOST_TEST(local.run(sink.close()).complete());
    BOOST_TEST(local.cluster.wait_until_idle());
    BOOST_TEST(local.ask("T | summarize sum(Id)") == "5");
}

BOOST_AUTO_TEST_CASE(all_wrong_options_are_listed_at_once)
{
    local_cluster local;
    kusto::write_options write("", "T");
    write.batch_size(0).parallelism(0).compression(kusto::compression::zlib(11)).guarantee(kusto::delivery_guarantee::exactly_once);
    try
    {
        kusto::batching_sink sink(local.service, write);
        BOOST_FAIL("accepted");
    }
    catch (kusto::options_error const& e)
    {
        BOOST_TEST_MESSAGE(e.what());
        BOOST_TEST(e.problems().size() == 5u);
        std::string const text = e.what();
        for (auto const* name : {"database", "batch_size", "parallelism", "compression", "write-ahead"})
            BOOST_TEST(text.find(name) != std::string::npos, name);
    }
}

BOOST_AUTO_TEST_SUITE_END()
