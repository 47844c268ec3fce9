#include <auth/identity_patience.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

using namespace kusto;
using namespace std::chrono_literals;
using auth::identity_patience;
using wire::identity_host;

namespace
{

failure answer(int status, bool passes = true)
{
    return failure(errc::service_unavailable, stage::token, "").status(status).retryable(passes);
}

/// Seconds of the pauses until it gives up.
std::string pauses(identity_host host, failure const& why, retry_options const& options = {},
                   double random = 0.0)
{
    identity_patience patience(host, options, deadline::never());
    identity_patience::time_point now{};
    std::string text;
    for (auto next = patience.failed(why, now, random); next.retry;
         next = patience.failed(why, now, random))
    {
        auto const pause = std::chrono::duration_cast<std::chrono::milliseconds>(next.at - now);
        text += std::to_string(pause.count() / 1000) + ' ';
        now = next.at;
    }
    return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(identity_patience_test)

BOOST_AUTO_TEST_CASE(every_host_is_asked_again_as_it_wants)
{
    struct row
    {
        identity_host host;
        int status; // 0: no reply
        char const* pauses;
    };
    using enum identity_host;
    for (auto const& r : {
             row{imds, 404, "2 4 8 16 32 "},
             row{imds, 429, "2 4 8 16 32 "},
             row{imds, 500, "2 4 8 16 32 "},
             row{imds, 0, "2 4 8 16 32 "},
             row{imds, 410, "10 10 10 10 10 10 10 "},
             row{service_fabric, 429, "1 2 4 8 16 "},
             row{service_fabric, 500, "1 2 "},
             row{service_fabric, 0, "1 2 "},
             row{app_service, 429, "1 1 1 "},
             row{machine_learning, 503, "1 1 1 "},
             row{cloud_shell, 404, "1 1 1 "},
             row{azure_arc, 500, "1 1 1 "},
             row{azure_arc, 410, "1 1 1 "},
         })
    {
        BOOST_TEST_CONTEXT(to_string(r.host) << ' ' << r.status)
        {
            BOOST_TEST(pauses(r.host, answer(r.status)) == r.pauses);
            BOOST_TEST(pauses(r.host, answer(r.status, false)) == "");
        }
    }
}

BOOST_AUTO_TEST_CASE(more_attempts_can_be_demanded)
{
    BOOST_TEST(pauses(identity_host::azure_arc, answer(500), retry_options().attempts(6)) ==
               "1 1 1 1 1 ");
    BOOST_TEST(pauses(identity_host::azure_arc, answer(500), retry_options().attempts(1)) ==
               "1 1 1 ");
    BOOST_TEST(pauses(identity_host::imds, answer(500), retry_options().attempts(9)) ==
               "2 4 8 16 32 60 60 60 ");
}

BOOST_AUTO_TEST_CASE(a_renewal_of_imds_costs_no_attempts)
{
    identity_patience patience(identity_host::imds, {}, deadline::never());
    identity_patience::time_point now{};
    for (int i = 0; i < 7; ++i)
        now = patience.failed(answer(410), now, 0.0).at;
    auto const next = patience.failed(answer(429), now, 0.0);
    BOOST_TEST(next.retry);
    BOOST_TEST((next.at - now == 2s));
    BOOST_TEST(patience.attempts() == 8);
}

BOOST_AUTO_TEST_CASE(wishes_chance_and_deadlines_are_minded)
{
    BOOST_TEST(pauses(identity_host::azure_arc, answer(429).retry_after(9s)) == "9 9 9 ");
    BOOST_TEST(pauses(identity_host::imds, answer(410).retry_after(30s)) == "30 30 30 ");
    BOOST_TEST(pauses(identity_host::imds, answer(429).retry_after(1s)) == "2 4 8 16 32 ");
    BOOST_TEST(pauses(identity_host::imds, answer(500), {}, 0.99) == "2 4 9 19 39 ");
    identity_patience patience(identity_host::imds, {},
                               deadline(identity_patience::time_point(2s)));
    BOOST_TEST(!patience.failed(answer(500), identity_patience::time_point(), 0.0).retry);
}

BOOST_AUTO_TEST_SUITE_END()
