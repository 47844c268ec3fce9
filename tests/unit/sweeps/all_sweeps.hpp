#pragma once

#include <boost/test/unit_test.hpp>
#include <support/sweep.hpp>

namespace kusto::test
{

/// All sweeps over one scenario, as checks of the current test.
inline void check_all(sweep over)
{
    BOOST_TEST(over.undisturbed() == "");
    BOOST_TEST(over.fail() == "");
    BOOST_TEST(over.cancel() == "");
    BOOST_TEST(over.stop() == "");
    BOOST_TEST(over.destroy() == "");
    BOOST_TEST_MESSAGE(over.runs() << " runs");
}

} // namespace kusto::test
