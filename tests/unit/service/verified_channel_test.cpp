#include "service_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <service/verified_channel.hpp>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace kusto::test
{

namespace
{

/// Counts uploads; everything succeeds.
class counting_channel final : public service::ingest_channel
{
public:
    asio::awaitable<result<service::uploaded_blob>>
    upload(service::batch_identity, service::block_stream&, deadline) override
    {
        ++uploads;
        service::uploaded_blob blob(base::url(), 1, 1);
        co_return blob;
    }
    asio::awaitable<result<service::posted_message>>
    post(service::batch_identity, service::uploaded_blob const&, std::uint64_t, deadline) override
    {
        co_return service::posted_message(1);
    }
    asio::awaitable<result<service::ingestion_end>>
    confirm(service::batch_identity, service::posted_message const&, deadline) override
    {
        ++confirmed;
        co_return service::ingestion_end::skipped;
    }

    int uploads = 0;
    int confirmed = 0;
};

struct channel_fixture
{
    channel_fixture() : blocks(context.get_executor())
    {
        auto check = [this](deadline until) { return answer(until); };
        channel = service::make_verified_channel(context.get_executor(), time, inner, check, "D.T");
    }

    asio::awaitable<result<service::table_answer>> answer(deadline until)
    {
        ++checks;
        if (hang)
            co_await time.wait_until(until.when());
        co_return says;
    }

    auto start_upload()
    {
        service::batch_identity const identity(base::guid(), data_format::csv);
        auto started = start(context.get_executor(),
                             channel->upload(identity, blocks, deadline(time.now() + 60s)));
        settle(context);
        return started;
    }

    asio::io_context context;
    manual_clock time;
    test_blocks blocks;
    std::shared_ptr<counting_channel> inner = std::make_shared<counting_channel>();
    std::shared_ptr<service::ingest_channel> channel;
    result<service::table_answer> says = service::table_answer::exists();
    bool hang = false;
    int checks = 0;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(verified_channel, channel_fixture)

BOOST_AUTO_TEST_CASE(an_existing_table_is_asked_for_once)
{
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(start_upload().get()->has_value());
    BOOST_TEST(checks == 1);
    BOOST_TEST(inner->uploads == 3);
}

BOOST_AUTO_TEST_CASE(a_missing_table_is_an_error_that_names_it_and_the_next_batch_asks_again)
{
    says = service::table_answer::missing(failure(errc::not_found, stage::ingest, "no entity")
                                              .host("engine:443")
                                              .status(400)
                                              .service_code("BadRequest_EntityNotFound")
                                              .request_id("request-1")
                                              .activity_id("activity-1"));
    auto const refused = *start_upload().get();
    BOOST_REQUIRE(refused.has_error());
    BOOST_TEST((refused.error().code() == errc::not_found));
    BOOST_TEST((refused.error().where() == stage::ingest));
    BOOST_TEST(!refused.error().retryable());
    BOOST_TEST(refused.error().describe().find("D.T") != std::string::npos);
    BOOST_TEST(refused.error().host() == "engine:443");
    BOOST_TEST(refused.error().status() == 400);
    BOOST_TEST(refused.error().service_code() == "BadRequest_EntityNotFound");
    BOOST_TEST(refused.error().request_id() == "request-1");
    BOOST_TEST(refused.error().activity_id() == "activity-1");
    BOOST_TEST(inner->uploads == 0);
    says = service::table_answer::exists();
    BOOST_TEST(start_upload().get()->has_value());
    BOOST_TEST(checks == 2);
}

BOOST_AUTO_TEST_CASE(a_check_that_fails_is_no_reason_to_stop)
{
    says = failure(errc::access_denied, stage::ingest, "may not ask").status(403);
    BOOST_TEST(start_upload().get()->has_value());
    BOOST_TEST(inner->uploads == 1);
}

BOOST_AUTO_TEST_CASE(batches_share_one_check_and_wait_ten_seconds_at_most)
{
    hang = true;
    auto first = start_upload();
    auto second = start_upload();
    BOOST_TEST(!first.done());
    BOOST_TEST(checks == 1);
    time.advance(10s);
    settle(context);
    BOOST_TEST(first.done());
    BOOST_TEST(second.done());
    BOOST_TEST(inner->uploads == 2);
}

BOOST_AUTO_TEST_CASE(posts_and_confirmations_are_passed_on)
{
    service::batch_identity const identity(base::guid(), data_format::csv);
    service::uploaded_blob const blob(base::url(), 1, 1);
    auto const until = deadline(time.now() + 60s);
    auto const posted = run(context, time, channel->post(identity, blob, 1, until));
    BOOST_REQUIRE(posted.has_value());
    auto const end = run(context, time, channel->confirm(identity, *posted, until));
    BOOST_TEST((end.value() == service::ingestion_end::skipped));
    BOOST_TEST(inner->confirmed == 1);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace kusto::test
