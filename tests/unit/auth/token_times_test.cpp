#include <auth/token_times.hpp>
#include <boost/test/unit_test.hpp>

using kusto::auth::plan_token;
using namespace std::chrono_literals;
using seconds = std::chrono::seconds;

BOOST_AUTO_TEST_CASE(token_times)
{
    using duration = kusto::auth::token_times::duration;
    struct row
    {
        duration lifetime;
        std::optional<duration> refresh_in;
        duration soft;
        duration hard;
    };
    for (auto const& r : {
             row{3600s, std::nullopt, 3300s, 3570s},
             row{3600s, 1000s, 1000s, 3570s},
             row{3600s, 3599s, 3300s, 3570s},
             row{86400s, std::nullopt, 43200s, 86370s},
             row{600s, std::nullopt, 300s, 570s},
             row{100s, std::nullopt, 50s, 75s},
             row{20s, std::nullopt, 10s, 15s},
             row{1s, 5s, 500ms, 750ms},
         })
    {
        auto const exact = plan_token(r.lifetime, r.refresh_in, 0.0);
        BOOST_TEST((exact.soft == r.soft));
        BOOST_TEST((exact.hard == r.hard));
        auto const early = plan_token(r.lifetime, r.refresh_in, 0.999);
        BOOST_TEST((early.soft < exact.soft));
        BOOST_TEST((early.soft >= exact.soft - (std::min<duration>)(exact.soft / 10, 120s)));
        BOOST_TEST((early.hard == exact.hard));
    }
}
