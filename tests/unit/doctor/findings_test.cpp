#include <boost/test/unit_test.hpp>
#include <doctor/findings.hpp>

namespace
{

using namespace kusto;
using namespace kusto::doctor;

verdict failed()
{
    return verdict::failed(check_trouble::network, "no", "do");
}

} // namespace

BOOST_AUTO_TEST_SUITE(finding)

BOOST_AUTO_TEST_CASE(what_depends_on_a_failure_is_skipped_with_its_beginning)
{
    findings found;
    found.add(step("a", "", {}), failed());
    BOOST_TEST(found.skips(step("b", "", {"a"})));
    BOOST_TEST(found.skips(step("c", "", {"other", "b"})));
    BOOST_TEST(!found.skips(step("d", "", {"other"})));
    auto const made = found.take();
    BOOST_TEST_REQUIRE(made.checks.size() == 3u);
    BOOST_TEST(made.checks[2].detail == "because of a");
    BOOST_TEST((made.checks[2].state == check_state::skipped));
}

BOOST_AUTO_TEST_CASE(warnings_and_what_the_service_does_not_tell_stop_nothing)
{
    findings found;
    found.add(step("a", "", {}), verdict::warning("w", "r"));
    found.add(step("b", "", {}), verdict::skipped("not told"));
    BOOST_TEST(!found.skips(step("c", "", {"a", "b"})));
}

BOOST_AUTO_TEST_CASE(after_the_end_of_the_time_everything_is_skipped)
{
    findings found;
    found.end_early(step("a", "", {}));
    BOOST_TEST(found.skips(step("b", "", {})));
    auto const made = found.take();
    BOOST_TEST(made.exit_status() == 3);
    BOOST_TEST(made.checks[1].detail == "because of a");
}

BOOST_AUTO_TEST_CASE(subjects_are_one_line)
{
    findings found;
    found.add(step("a", "x\ny", {}), verdict::ok("fine"));
    BOOST_TEST(found.take().checks[0].subject == "x y");
}

BOOST_AUTO_TEST_SUITE_END()
