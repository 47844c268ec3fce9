// Read by lint.py --samples; never compiled.

awaitable<void> allowed(std::shared_ptr<state> s)
{
    co_await f();                                       // expect: nothing
    bool const ok = co_await f();                       // expect: nothing
    if (ok)
    {
        auto [ec, n] = co_await op(as_tuple(deferred)); // expect: nothing
        co_return co_await g(std::move(s), n);          // expect: nothing
    }
    else
        co_await h("a ? {b} : c");                      // expect: nothing
    for (auto const& item : items)
        co_await f(item);                               // expect: nothing
    auto const lambda = [](int n) -> awaitable<void> {
        co_await f(n);                                  // expect: nothing
    };
    try
    {
        (void)co_await f(/* { */ 1);                    // expect: nothing
    }
    catch (std::exception const&)
    {
    }
    co_await (a() && b());                              // expect: nothing
}

awaitable<void> forbidden()
{
    co_await f(opts{1});                                // expect: co_await-braces
    co_await f({});                                     // expect: co_await-braces
    co_await f({"a", "b"});                             // expect: co_await-braces
    auto x = opts{.a = co_await f()};                   // expect: co_await-braces
    std::vector<int> v{co_await f()};                   // expect: co_await-braces
    co_await co_spawn(ex, [s] { return g(s); }, tok);   // expect: co_await-braces
    if (co_await f())                                   // expect: co_await-condition
        return;
    while (co_await f())                                // expect: co_await-condition
        ;
    switch (co_await f(1))                              // expect: co_await-condition
    {
    }
    if (int const n = co_await f(); n > 0)              // expect: co_await-condition
        return;
    auto y = flag ? co_await f() : 0;                   // expect: co_await-conditional
    throw error(co_await f());                          // expect: co_await-throw
    if (check(1, co_await f()))                         // expect: co_await-condition
        return;
}
