#include "sample_statistics.hpp"

#include <iostream>

int main()
{
    std::cout << kusto::to_prometheus(kusto::test::sample_sinks());
}
