// The one translation unit that compiles Boost.Test's main function.
#define BOOST_TEST_MODULE kusto
#include <boost/test/unit_test.hpp>
